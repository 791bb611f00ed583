{#- Kept from run to run, like the usage tables: a run reads, and rejects, only rows of the days that it builds. Rows without a readable day are read with
    their file. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_rejects_to_build() }}") }}
{%- set tables = tables_read_by_day() -%}
-- depends_on: {{ ref('cdr_days_to_build') }}
with rejected as (

    {% for table_name in tables -%}
    select
        '{{ table_name }}' as table_name,
        subscriber_id,
        delivered_file,
        delivered_on,
        {%- for rule in row_rules() %}
        breaks_{{ rule }},
        {%- endfor %}
        row_key,
        row_json
    from {{ ref('chk_' ~ table_name) }}
    where not is_accepted
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
from rejected
