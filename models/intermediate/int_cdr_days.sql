{#- One row per day is kept of the calls, messages and sessions themselves, whose rows a run drops once they are counted. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
{%- set tables = tables_read_by_day() -%}
with accepted as (

    {% for table_name in tables -%}
    select
        '{{ table_name }}' as table_name,
        usage_date,
        delivered_rows
    from {{ ref('stg_' ~ table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name,
    usage_date,
    count(*) as accepted_rows,
    cast(sum(delivered_rows) as bigint) - count(*) as duplicate_rows
from accepted
group by table_name, usage_date
