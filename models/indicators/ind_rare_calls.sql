with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

rare_calls as (

    select * from {{ ref('int_rare_calls_subscriber_day') }}

),

in_window as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        {{ days_between('rare_calls.usage_date', 'targets.as_of_date') }} as days_ago,
        rare_calls.competitor_forwards,
        rare_calls.own_hotline_calls,
        rare_calls.competitor_hotline_calls
    from targets
    inner join rare_calls
        on targets.subscriber_id = rare_calls.subscriber_id
        and rare_calls.usage_date <= targets.as_of_date
        and rare_calls.usage_date > {{ add_days('targets.as_of_date', -182) }}

),

counted as (

    select
        as_of_date,
        subscriber_id,
        count(*) filter (where days_ago < 7 and competitor_forwards > 0) as forward_days_7d,
        sum(competitor_forwards) filter (where days_ago < 28) as forwards_28d,
        sum(competitor_forwards) filter (where days_ago < 91) as forwards_91d,
        sum(own_hotline_calls) as own_hotline_calls_182d,
        sum(competitor_hotline_calls) filter (where days_ago < 7) as competitor_hotline_calls_7d,
        sum(competitor_hotline_calls) as competitor_hotline_calls_182d
    from in_window
    group by as_of_date, subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(counted.forward_days_7d, 0) as integer) as forward_days_7d,
    cast(coalesce(counted.forwards_28d, 0) as integer) as forwards_28d,
    cast(coalesce(counted.forwards_91d, 0) as integer) as forwards_91d,
    cast(coalesce(counted.own_hotline_calls_182d, 0) as integer) as own_hotline_calls_182d,
    cast(coalesce(counted.competitor_hotline_calls_7d, 0) as integer) as competitor_hotline_calls_7d,
    cast(coalesce(counted.competitor_hotline_calls_182d, 0) as integer) as competitor_hotline_calls_182d
from targets
left join counted
    on targets.as_of_date = counted.as_of_date
    and targets.subscriber_id = counted.subscriber_id
