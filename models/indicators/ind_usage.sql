{{ config(meta={'built_in_parts': true}) }}
-- The week of each observation against the weeks before it, in one pass over the days of usage: these weeks lie side by side, so the first day of the first one
-- that counts bounds them all.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}

),

usage_days as (

    -- A week and the four before it: 34 days before its last.
    select * from {{ ref('int_usage_subscriber_day') }} where {{ is_in_part('usage_date', days_before=34) }}

),

weeks_known as (

    select
        as_of_date,
        subscriber_id,
        week_start_date,
        greatest(week_start_date, activated_on) as active_from,
        {{ add_days('as_of_date', -27) }} as data_from,
        {{ add_days('week_start_date', -28) }} as usage_from,
        -- A week before W counts only if it starts on or after both the activation and the first day of the feed.
        {{ days_between('greatest(activated_on, first_feed_date)', 'week_start_date') }} / 7 as weeks
    from targets

),

windows as (

    select
        *,
        cast(least(greatest(floor(weeks), 0), 4) as integer) as counted_weeks,
        {{ add_days('week_start_date', '-7 * least(greatest(floor(weeks), 0), 4)') }} as before_from
    from weeks_known

),

days as (

    select
        windows.as_of_date,
        windows.subscriber_id,
        usage_days.usage_date >= windows.week_start_date as is_now,
        usage_days.usage_date < windows.week_start_date and usage_days.usage_date >= windows.before_from as is_before,
        usage_days.usage_date >= windows.data_from as is_data_day,
        usage_days.usage_date >= windows.active_from and usage_days.is_active_day as is_active_day,
        usage_days.voice_seconds,
        usage_days.distinct_peers,
        usage_days.usage_fee,
        usage_days.data_bytes
    from usage_days
    inner join windows
        on usage_days.subscriber_id = windows.subscriber_id
        and usage_days.usage_date <= windows.as_of_date
        and usage_days.usage_date >= windows.usage_from

),

used as (

    select
        as_of_date,
        subscriber_id,
        sum(voice_seconds) filter (where is_now) as seconds_now,
        sum(voice_seconds) filter (where is_before) as seconds_before,
        sum(distinct_peers) filter (where is_now) as peer_days_now,
        sum(distinct_peers) filter (where is_before) as peer_days_before,
        sum(usage_fee) filter (where is_now) as fee_now,
        sum(usage_fee) filter (where is_before) as fee_before,
        count(*) filter (where is_active_day) as active_days,
        sum(data_bytes) filter (where is_data_day) as data_bytes_28d
    from days
    group by as_of_date, subscriber_id

),

measured as (

    -- now / (sum before / weeks) is written as now * weeks / sum before: whole numbers are divided only once. No usage is 0; of none before nothing is compared.
    select
        windows.as_of_date,
        windows.subscriber_id,
        windows.counted_weeks >= {{ parameter('min_counted_weeks') }} as has_enough_weeks,
        {{ drop_of('coalesce(used.seconds_now, 0) * windows.counted_weeks', 'used.seconds_before') }} as minutes_drop_4w,
        {{ drop_of('coalesce(used.peer_days_now, 0) * windows.counted_weeks', 'used.peer_days_before') }} as peer_days_drop_4w,
        {{ drop_of('coalesce(used.fee_now, 0) * 100 * windows.counted_weeks', 'used.fee_before * 100') }} as fee_drop_4w,
        cast({{ days_between('windows.active_from', 'windows.as_of_date') }} + 1 - coalesce(used.active_days, 0) as integer) as idle_days_7d,
        cast(coalesce(used.data_bytes_28d, 0) as double) as data_bytes_28d
    from windows
    left join used
        on windows.as_of_date = used.as_of_date
        and windows.subscriber_id = used.subscriber_id

)

select
    as_of_date,
    subscriber_id,
    case when has_enough_weeks then minutes_drop_4w end as minutes_drop_4w,
    case when has_enough_weeks then peer_days_drop_4w end as peer_days_drop_4w,
    case when has_enough_weeks then fee_drop_4w end as fee_drop_4w,
    idle_days_7d,
    data_bytes_28d,
    case
        when not has_enough_weeks then 'too_early'
        when minutes_drop_4w is null or peer_days_drop_4w is null or fee_drop_4w is null then 'nothing_to_compare'
    end as drops_unknown_because
from measured
