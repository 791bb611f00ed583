{{ checked_rows('branches') }}
