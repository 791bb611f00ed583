-- Seven-day windows, one row per window end and line with usage: the week of each observation that is built, and the weeks before it that its comparisons need.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

usage_days as (

    select * from {{ ref('int_usage_subscriber_day') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

weeks_back as (

    select weeks from (values (0), (1), (2), (3), (4)) as numbers (weeks)

),

windows as (

    select distinct
        targets.subscriber_id,
        {{ add_days('targets.as_of_date', '-7 * weeks_back.weeks') }} as week_end_date
    from targets
    cross join weeks_back

),

window_ends as (

    select distinct week_end_date from windows

),

usage_dates as (

    select distinct usage_date from usage_days

),

-- Which windows a day belongs to, so that the days themselves are joined by equality only.
window_days as (

    select
        window_ends.week_end_date,
        usage_dates.usage_date
    from window_ends
    inner join usage_dates
        on usage_dates.usage_date <= window_ends.week_end_date
        and usage_dates.usage_date > {{ add_days('window_ends.week_end_date', -7) }}

)

select
    window_days.week_end_date,
    usage_days.subscriber_id,
    cast(sum(usage_days.voice_seconds) as decimal(38, 0)) as voice_seconds,
    cast(sum(usage_days.distinct_peers) as bigint) as peer_days,
    sum(usage_days.usage_fee) as usage_fee,
    sum(usage_days.data_bytes) as data_bytes,
    count(*) filter (where usage_days.is_active_day and usage_days.usage_date >= subscribers.activated_on) as active_days
from usage_days
inner join window_days on usage_days.usage_date = window_days.usage_date
inner join windows
    on window_days.week_end_date = windows.week_end_date
    and usage_days.subscriber_id = windows.subscriber_id
inner join subscribers on usage_days.subscriber_id = subscribers.subscriber_id
group by window_days.week_end_date, usage_days.subscriber_id
