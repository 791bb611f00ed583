{{ checked_rows('enterprise_groups') }}
