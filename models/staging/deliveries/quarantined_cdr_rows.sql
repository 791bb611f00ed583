{#- Kept from run to run, like the usage tables: a run reads, and rejects, only rows of the days that it builds. Rows without a readable day are read with
    their file. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_rejects_to_build() }}") }}
-- depends_on: {{ ref('cdr_days_to_build') }}
with set_aside as (

    select * from {{ ref('cdr_rows_set_aside') }}

)

select
    table_name,
    subscriber_id,
    delivered_file,
    delivered_on,
    {%- for rule in row_rules() %}
    breaks_{{ rule }},
    {%- endfor %}
    row_key,
    row_json
from set_aside
where not is_accepted
