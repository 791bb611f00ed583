with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

weeks as (

    select * from {{ ref('int_usage_subscriber_week') }}

),

weeks_back as (

    select weeks from (values (0), (1), (2), (3), (4)) as numbers (weeks)

),

windows as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        weeks_back.weeks as weeks_before,
        {{ add_days('targets.as_of_date', '-7 * weeks_back.weeks') }} as week_end_date,
        -- A week before W counts only if it starts on or after both the activation and the first day of the feed.
        weeks_back.weeks > 0
        and {{ add_days('targets.as_of_date', '-7 * weeks_back.weeks - 6') }} >= targets.activated_on
        and {{ add_days('targets.as_of_date', '-7 * weeks_back.weeks - 6') }} >= targets.first_feed_date as is_counted
    from targets
    cross join weeks_back

),

compared as (

    select
        windows.as_of_date,
        windows.subscriber_id,
        count(*) filter (where windows.is_counted) as counted_weeks,
        coalesce(sum(weeks.voice_seconds) filter (where windows.weeks_before = 0), 0) as seconds_now,
        coalesce(sum(weeks.voice_seconds) filter (where windows.is_counted), 0) as seconds_before,
        coalesce(sum(weeks.peer_days) filter (where windows.weeks_before = 0), 0) as peer_days_now,
        coalesce(sum(weeks.peer_days) filter (where windows.is_counted), 0) as peer_days_before,
        coalesce(sum(weeks.usage_fee) filter (where windows.weeks_before = 0), 0) as fee_now,
        coalesce(sum(weeks.usage_fee) filter (where windows.is_counted), 0) as fee_before,
        coalesce(sum(weeks.active_days) filter (where windows.weeks_before = 0), 0) as active_days,
        cast(coalesce(sum(weeks.data_bytes) filter (where windows.weeks_before < 4), 0) as double) as data_bytes_28d
    from windows
    left join weeks
        on windows.subscriber_id = weeks.subscriber_id
        and windows.week_end_date = weeks.week_end_date
    group by windows.as_of_date, windows.subscriber_id

),

measured as (

    -- now / (sum before / weeks) is written as now * weeks / sum before: whole numbers are divided only once.
    select
        targets.as_of_date,
        targets.subscriber_id,
        compared.counted_weeks >= {{ parameter('min_counted_weeks') }} as has_enough_weeks,
        case
            when compared.counted_weeks >= {{ parameter('min_counted_weeks') }}
                then {{ drop_of('compared.seconds_now * compared.counted_weeks', 'compared.seconds_before') }}
        end as minutes_drop_4w,
        case
            when compared.counted_weeks >= {{ parameter('min_counted_weeks') }}
                then {{ drop_of('compared.peer_days_now * compared.counted_weeks', 'compared.peer_days_before') }}
        end as peer_days_drop_4w,
        case
            when compared.counted_weeks >= {{ parameter('min_counted_weeks') }}
                then {{ drop_of('compared.fee_now * 100 * compared.counted_weeks', 'compared.fee_before * 100') }}
        end as fee_drop_4w,
        cast(
            {{ days_between('greatest(targets.week_start_date, targets.activated_on)', 'targets.as_of_date') }} + 1 - compared.active_days as integer
        ) as idle_days_7d,
        compared.data_bytes_28d
    from targets
    inner join compared
        on targets.as_of_date = compared.as_of_date
        and targets.subscriber_id = compared.subscriber_id

)

select
    as_of_date,
    subscriber_id,
    minutes_drop_4w,
    peer_days_drop_4w,
    fee_drop_4w,
    idle_days_7d,
    data_bytes_28d,
    case
        when not has_enough_weeks then 'too_early'
        when minutes_drop_4w is null or peer_days_drop_4w is null or fee_drop_4w is null then 'nothing_to_compare'
    end as drops_unknown_because
from measured
