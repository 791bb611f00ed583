-- A status counts at the end of a day, so of several events on one day only the last one makes a period.
with subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

events as (

    select * from {{ ref('stg_subscriber_status_events') }}

),

statuses as (

    select * from {{ ref('subscriber_statuses') }}

),

ranked as (

    select
        subscriber_id,
        changed_on,
        status_code,
        row_number() over (partition by subscriber_id, changed_on order by changed_at desc) as rank_in_day
    from events

),

end_of_day as (

    select
        subscriber_id,
        changed_on,
        status_code
    from ranked
    where rank_in_day = 1

),

before_first_event as (

    select
        subscribers.subscriber_id,
        subscribers.activated_on as changed_on,
        'active' as status_code
    from subscribers
    left join end_of_day
        on subscribers.subscriber_id = end_of_day.subscriber_id
        and end_of_day.changed_on <= subscribers.activated_on
    where end_of_day.subscriber_id is null

),

starts as (

    select subscriber_id, changed_on, status_code from end_of_day
    union all
    select subscriber_id, changed_on, status_code from before_first_event

),

periods as (

    select
        subscriber_id,
        status_code,
        changed_on as starts_on,
        lead(changed_on) over (partition by subscriber_id order by changed_on) as ends_before
    from starts

)

select
    periods.subscriber_id,
    periods.status_code,
    statuses.category as status_category,
    periods.starts_on,
    coalesce(periods.ends_before, date '9999-12-31') as ends_before
from periods
left join statuses on periods.status_code = statuses.status_code
