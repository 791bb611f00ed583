{#- One row per day is kept of the calls, messages and sessions themselves, whose rows a run drops once they are counted. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
{%- set counts = {'voice_cdrs': 'calls', 'sms_cdrs': 'messages', 'data_cdrs': 'sessions'} -%}
with cdrs as (

    select * from {{ ref('int_cdrs_subscriber_day') }}

),

versions as (

    select * from {{ ref('cdr_rows_set_aside') }}

),

accepted as (

    {% for table_name, rows in counts.items() -%}
    select
        '{{ table_name }}' as table_name,
        usage_date,
        cast(sum({{ rows }}) as bigint) as accepted_rows
    from cdrs
    where {{ rows }} > 0
    group by usage_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

duplicates as (

    select
        table_name,
        delivered_on as usage_date,
        cast(sum(delivered_rows - 1) as bigint) as duplicate_rows
    from versions
    where version_rank = 1
        and is_accepted
    group by table_name, delivered_on

)

select
    accepted.table_name,
    accepted.usage_date,
    accepted.accepted_rows,
    coalesce(duplicates.duplicate_rows, 0) as duplicate_rows
from accepted
left join duplicates
    on accepted.table_name = duplicates.table_name
    and accepted.usage_date = duplicates.usage_date
