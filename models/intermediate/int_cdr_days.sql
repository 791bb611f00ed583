{#- One row per day is kept of the calls, messages and sessions themselves, whose rows a run drops once they are counted. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
{%- set counts = {'voice_cdrs': 'calls', 'sms_cdrs': 'messages', 'data_cdrs': 'sessions'} -%}
with cdrs as (

    select * from {{ ref('int_cdrs_subscriber_day') }}

),

counted as (

    {% for table_name, rows in counts.items() -%}
    select
        '{{ table_name }}' as table_name,
        usage_date,
        cast(sum({{ rows }}) as bigint) as accepted_rows,
        cast(sum(delivered_{{ rows }}) as bigint) as delivered_rows
    from cdrs
    where {{ rows }} > 0
    group by usage_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name,
    usage_date,
    accepted_rows,
    delivered_rows - accepted_rows as duplicate_rows
from counted
