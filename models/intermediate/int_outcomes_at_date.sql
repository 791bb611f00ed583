-- What followed each observation of a target on a Sunday whose horizon has passed by the date of the run.
with observations as (

    select * from {{ ref('int_observations') }} where is_target

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }} where is_weekly

),

run as (

    select * from {{ ref('int_run') }}

),

feeds as (

    select * from {{ ref('int_feeds') }}

),

status_entries as (

    select * from {{ ref('int_status_entries') }}

),

judgements as (

    select * from {{ ref('int_loss_judgements') }}

),

closed as (

    select
        observations.as_of_date,
        observations.subscriber_id,
        {{ add_days('observations.as_of_date', parameter('outcome_horizon_days')) }} as outcome_until,
        run.last_bill_month,
        feeds.is_provided as has_status_feed
    from observations
    inner join as_of_dates on observations.as_of_date = as_of_dates.as_of_date
    cross join run
    inner join feeds on feeds.table_name = 'subscriber_status_events'
    where {{ add_days('observations.as_of_date', parameter('outcome_horizon_days')) }} <= run.as_of_date

),

quantity_losses as (

    select distinct
        closed.as_of_date,
        closed.subscriber_id
    from closed
    inner join status_entries
        on closed.subscriber_id = status_entries.subscriber_id
        and status_entries.changed_on > closed.as_of_date
        and status_entries.changed_on <= closed.outcome_until
    where status_entries.is_quantity_loss

),

value_losses as (

    select distinct
        closed.as_of_date,
        closed.subscriber_id
    from closed
    inner join judgements
        on closed.subscriber_id = judgements.subscriber_id
        and judgements.bill_month > closed.as_of_date
        and judgements.bill_month <= closed.outcome_until
    where judgements.is_value_loss

)

select
    closed.as_of_date,
    closed.subscriber_id,
    case when closed.has_status_feed then quantity_losses.subscriber_id is not null end as has_quantity_loss,
    -- Known for a whole week or not at all: with half of its months judged, too few losses would be counted.
    case
        when {{ month_start('closed.outcome_until') }} > closed.as_of_date
            and {{ month_start('closed.outcome_until') }} <= closed.last_bill_month
            then value_losses.subscriber_id is not null
    end as has_value_loss,
    closed.outcome_until
from closed
left join quantity_losses
    on closed.as_of_date = quantity_losses.as_of_date
    and closed.subscriber_id = quantity_losses.subscriber_id
left join value_losses
    on closed.as_of_date = value_losses.as_of_date
    and closed.subscriber_id = value_losses.subscriber_id
