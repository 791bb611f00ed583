with subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

plan_changes as (

    select * from {{ ref('stg_plan_changes') }}

),

ranked as (

    select
        subscriber_id,
        changed_on,
        from_plan_code,
        to_plan_code,
        row_number() over (partition by subscriber_id order by changed_at) as change_number,
        row_number() over (partition by subscriber_id, changed_on order by changed_at desc) as rank_in_day
    from plan_changes

),

starts as (

    select
        subscriber_id,
        changed_on as starts_on,
        to_plan_code as plan_code
    from ranked
    where rank_in_day = 1

    union all

    -- Before the first change the plan is the one that it came from, without a change the one that the line has.
    select
        subscribers.subscriber_id,
        date '0001-01-01' as starts_on,
        case when first_changes.subscriber_id is null then subscribers.plan_code else first_changes.from_plan_code end as plan_code
    from subscribers
    left join ranked as first_changes
        on subscribers.subscriber_id = first_changes.subscriber_id
        and first_changes.change_number = 1

)

select
    starts.subscriber_id,
    starts.plan_code,
    starts.starts_on,
    coalesce(lead(starts.starts_on) over (partition by starts.subscriber_id order by starts.starts_on), date '9999-12-31') as ends_before,
    greatest(starts.starts_on, subscribers.activated_on) as observed_from
from starts
left join subscribers on starts.subscriber_id = subscribers.subscriber_id
