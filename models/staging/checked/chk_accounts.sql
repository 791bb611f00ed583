-- depends_on: {{ ref('stg_customers') }}
{{ checked_rows('accounts') }}
