-- Days of each date's week on which a feed has too few rows, or none since too long: a stopped feed must not read as calm customers.
-- Seed feed_expectations says which feeds are checked and how strictly.
{%- set dated = {
    'bills': 'issued_on', 'arrears_snapshots': 'snapshot_on', 'complaints': 'opened_on', 'service_contacts': 'contacted_on', 'subscriber_status_events': 'changed_on', 'plan_changes': 'changed_on'
} %}
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

feeds as (

    select * from {{ ref('int_feeds') }}

),

digits as (

    select day_number from (values (0), (1), (2), (3), (4), (5), (6)) as numbers (day_number)

),

daily_rows as (

    {% for table_name, date_column in dated.items() -%}
    select
        '{{ table_name }}' as table_name,
        {{ date_column }} as row_date,
        count(*) as day_rows
    from {{ ref('stg_' ~ table_name) }}
    group by {{ date_column }}
    union all
    {% endfor -%}
    select
        table_name,
        usage_date as row_date,
        accepted_rows as day_rows
    from {{ ref('int_cdr_days') }}

),

first_rows as (

    select
        table_name,
        min(row_date) as first_row_date
    from daily_rows
    group by table_name

),

checked_feeds as (

    select * from feeds
    where is_provided
        and (min_daily_row_share is not null or max_lag_days is not null)
        and table_name in ('{{ (dated.keys() | list + tables_read_by_day()) | join("', '") }}')

),

history as (

    select
        as_of_dates.as_of_date,
        as_of_dates.week_start_date,
        checked_feeds.table_name,
        checked_feeds.min_daily_row_share,
        checked_feeds.max_lag_days,
        max(daily_rows.row_date) as last_row_date,
        coalesce(sum(daily_rows.day_rows) filter (where daily_rows.row_date >= {{ add_days('as_of_dates.week_start_date', -28) }} and daily_rows.row_date < as_of_dates.week_start_date), 0) as rows_before,
        -- Four weeks, or as many days of them as the feed has had.
        least(28, {{ days_between('min(first_rows.first_row_date)', 'as_of_dates.week_start_date') }}) as days_before
    from as_of_dates
    cross join checked_feeds
    left join first_rows on checked_feeds.table_name = first_rows.table_name
    left join daily_rows
        on checked_feeds.table_name = daily_rows.table_name
        and daily_rows.row_date <= as_of_dates.as_of_date
    group by
        as_of_dates.as_of_date,
        as_of_dates.week_start_date,
        checked_feeds.table_name,
        checked_feeds.min_daily_row_share,
        checked_feeds.max_lag_days

),

week_days as (

    select
        history.as_of_date,
        history.table_name,
        {{ add_days('history.week_start_date', 'digits.day_number') }} as feed_date,
        history.min_daily_row_share,
        history.max_lag_days,
        history.last_row_date,
        case when history.days_before > 0 then history.rows_before / cast(history.days_before as double) end as mean_rows_before
    from history
    cross join digits

),

compared as (

    select
        week_days.as_of_date,
        week_days.table_name,
        week_days.feed_date,
        coalesce(daily_rows.day_rows, 0) as day_rows,
        {{ six_decimals('week_days.min_daily_row_share * week_days.mean_rows_before') }} as expected_rows,
        week_days.last_row_date,
        -- A day without rows is short even while the lag is tolerated: the lag is for feeds whose days are not compared.
        coalesce(
            coalesce(daily_rows.day_rows, 0) < {{ six_decimals('week_days.min_daily_row_share * week_days.mean_rows_before') }},
            false
        ) as is_short,
        coalesce(
            week_days.max_lag_days is not null
            and (
                week_days.last_row_date is null
                or (
                    week_days.feed_date > week_days.last_row_date
                    and {{ days_between('week_days.last_row_date', 'week_days.as_of_date') }} > week_days.max_lag_days
                )
            ),
            false
        ) as is_late
    from week_days
    left join daily_rows
        on week_days.table_name = daily_rows.table_name
        and week_days.feed_date = daily_rows.row_date

)

select
    as_of_date,
    table_name,
    feed_date,
    day_rows,
    expected_rows,
    last_row_date,
    is_short,
    is_late
from compared
where is_short or is_late
