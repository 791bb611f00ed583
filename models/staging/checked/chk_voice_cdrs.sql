{{ config(tags=['built_by_day']) }}
-- depends_on: {{ ref('cdr_files_to_read') }}
-- depends_on: {{ ref('repeated_cdr_keys') }}
{{ checked_rows('voice_cdrs', with_lines=false) }}
