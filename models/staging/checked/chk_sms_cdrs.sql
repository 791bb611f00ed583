{{ config(tags=['built_by_day']) }}
-- depends_on: {{ ref('cdr_files_to_read') }}
-- depends_on: {{ ref('repeated_cdr_keys') }}
-- depends_on: {{ ref('stg_subscribers') }}
{{ checked_rows('sms_cdrs') }}
