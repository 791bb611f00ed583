with cdr_days as (

    select * from {{ ref('int_cdr_days') }}

),

feed as (

    select min(usage_date) as first_feed_date from cdr_days

),

last_call as (

    select max(usage_date) as last_call_date from cdr_days
    where table_name = 'voice_cdrs'

),

dated as (

    select
        feed.first_feed_date,
        {% if env_var('CHURN_WARNING_AS_OF', '') -%}
        cast('{{ env_var('CHURN_WARNING_AS_OF', '') }}' as date) as as_of_date
        {%- else -%}
        {{ sunday_on_or_before('last_call.last_call_date') }} as as_of_date
        {%- endif %}
    from feed
    cross join last_call

)

select
    '{{ run_id() }}' as run_id,
    as_of_date,
    {{ sunday_on_or_before('as_of_date') }} as last_sunday,
    first_feed_date,
    case
        when first_feed_date = {{ month_start('first_feed_date') }} then first_feed_date
        else {{ plus_months(month_start('first_feed_date'), 1) }}
    end as first_full_month,
    {{ plus_months(month_start(add_days('as_of_date', '-' ~ parameter('billing_lag_days'))), -1) }} as last_bill_month,
    cast({{ env_var('CHURN_WARNING_WEEKS', '') | int or 'null' }} as integer) as weeks_limit
from dated
