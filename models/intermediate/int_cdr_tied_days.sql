{#- Kept from run to run: if one of these days is built, the other must be, too. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
{%- set tables = tables_read_by_day() -%}
{% for table_name in tables -%}
{{ 'with' if loop.first }} moved_{{ table_name }} as (

    select
        cdr_id,
        usage_date
    from {{ ref('stg_' ~ table_name) }}
    where first_version_on < last_version_on

),

{% endfor -%}
versions as (

    {% for table_name in tables -%}
    select
        moved.usage_date,
        delivered.delivered_on as version_on
    from {{ ref('chk_' ~ table_name) }} as delivered
    inner join moved_{{ table_name }} as moved on delivered.cdr_id = moved.cdr_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select distinct
    usage_date,
    version_on
from versions
where usage_date <> version_on
