with run as (

    select * from {{ ref('int_run') }}

),

digits as (

    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as numbers (digit)

),

days_back as (

    select thousands.digit * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit as days
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones

),

dates as (

    select
        {{ add_days('run.as_of_date', '-days_back.days') }} as as_of_date,
        days_back.days,
        run.as_of_date as run_date,
        run.last_sunday,
        run.first_feed_date,
        run.weeks_limit
    from run
    cross join days_back

),

flagged as (

    select
        as_of_date,
        first_feed_date,
        {{ days_between('first_feed_date', 'as_of_date') }} + 1 as history_days,
        {{ is_sunday('as_of_date') }}
        and {{ days_between('first_feed_date', 'as_of_date') }} + 1 >= {{ parameter('min_history_days') }}
        and (weeks_limit is null or {{ days_between('as_of_date', 'last_sunday') }} < 7 * weeks_limit) as is_weekly,
        days < {{ parameter('daily_lookback_days') }} as is_daily
    from dates
    where as_of_date >= first_feed_date

)

select
    as_of_date,
    {{ add_days('as_of_date', -6) }} as week_start_date,
    {{ sunday_on_or_before(add_days('as_of_date', -1)) }} as previous_sunday,
    {{ plus_months(month_start(add_days('as_of_date', '-' ~ parameter('billing_lag_days'))), -1) }} as last_bill_month,
    first_feed_date,
    cast(history_days as integer) as history_days,
    is_weekly,
    is_daily
from flagged
where is_weekly or is_daily
