-- depends_on: {{ ref('stg_subscribers') }}
{{ checked_rows('data_cdrs') }}
