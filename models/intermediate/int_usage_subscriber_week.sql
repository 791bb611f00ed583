-- Seven-day windows, one row per window end and line with usage: the week of each observation that is built, and the weeks before it that its comparisons need.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

usage_days as (

    select * from {{ ref('int_usage_subscriber_day') }}

),

weeks_back as (

    select weeks from (values (0), (1), (2), (3), (4)) as numbers (weeks)

),

days_back as (

    select days from (values (0), (1), (2), (3), (4), (5), (6)) as numbers (days)

),

-- Lines instead of windows of lines: days are then joined with few rows, and no day is read that lies before all windows.
lines as (

    select
        subscriber_id,
        activated_on,
        {{ add_days('min(as_of_date)', -28) }} as first_week_end,
        {{ add_days('min(as_of_date)', -34) }} as first_usage_date
    from targets
    group by subscriber_id, activated_on

),

as_of_dates as (

    select distinct as_of_date from targets

),

window_days as (

    select distinct
        {{ add_days('as_of_dates.as_of_date', '-7 * weeks_back.weeks') }} as week_end_date,
        {{ add_days('as_of_dates.as_of_date', '-7 * weeks_back.weeks - days_back.days') }} as usage_date
    from as_of_dates
    cross join weeks_back
    cross join days_back

)

select
    window_days.week_end_date,
    usage_days.subscriber_id,
    {{ sum_as('sum(usage_days.voice_seconds)', 'bigint') }} as voice_seconds,
    {{ sum_as('sum(usage_days.distinct_peers)', 'bigint') }} as peer_days,
    {{ sum_as('sum(usage_days.usage_fee)', 'decimal(18, 2)') }} as usage_fee,
    {{ sum_as('sum(usage_days.data_bytes)', 'bigint') }} as data_bytes,
    count(*) filter (where usage_days.is_active_day and usage_days.usage_date >= lines.activated_on) as active_days
from usage_days
inner join lines
    on usage_days.subscriber_id = lines.subscriber_id
    and usage_days.usage_date >= lines.first_usage_date
inner join window_days
    on usage_days.usage_date = window_days.usage_date
    and lines.first_week_end <= window_days.week_end_date
group by window_days.week_end_date, usage_days.subscriber_id
