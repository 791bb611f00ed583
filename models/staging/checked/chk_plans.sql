{{ checked_rows('plans') }}
