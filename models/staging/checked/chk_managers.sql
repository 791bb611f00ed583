{{ checked_rows('managers') }}
