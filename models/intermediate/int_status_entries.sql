-- An event enters a status if the status before it was another one (or there was none).
with events as (

    select * from {{ ref('stg_subscriber_status_events') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

statuses as (

    select * from {{ ref('subscriber_statuses') }}

),

with_previous as (

    select
        subscriber_id,
        changed_at,
        changed_on,
        status_code,
        lag(status_code) over (partition by subscriber_id order by changed_at) as previous_event_status
    from events

),

entries as (

    select
        with_previous.subscriber_id,
        with_previous.changed_at,
        with_previous.changed_on,
        with_previous.status_code,
        -- A line is active from the day of activation on if no event says otherwise.
        coalesce(
            with_previous.previous_event_status,
            case when with_previous.changed_on >= subscribers.activated_on then 'active' end
        ) as previous_status_code
    from with_previous
    inner join subscribers on with_previous.subscriber_id = subscribers.subscriber_id

)

select
    entries.subscriber_id,
    entries.changed_at,
    entries.changed_on,
    entries.status_code,
    statuses.category as status_category,
    previous_statuses.category as previous_status_category,
    statuses.is_quantity_loss
from entries
left join statuses on entries.status_code = statuses.status_code
left join statuses as previous_statuses on entries.previous_status_code = previous_statuses.status_code
where entries.previous_status_code is null
    or entries.previous_status_code <> entries.status_code
