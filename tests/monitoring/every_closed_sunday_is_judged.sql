-- Each Sunday of the weekly alerts whose horizon has passed has outcomes of all its targets, and no other Sunday has any.
with alerts as (

    select distinct
        as_of_date,
        subscriber_id
    from {{ ref('fct_weekly_alerts') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

run as (

    select * from {{ ref('int_run') }}

),

outcomes as (

    select * from {{ ref('int_outcomes_at_date') }}

),

closed as (

    select alerts.*
    from alerts
    inner join dates on alerts.as_of_date = dates.date_day
    inner join run on dates.outcome_until <= run.as_of_date

)

select
    coalesce(closed.as_of_date, outcomes.as_of_date) as as_of_date,
    coalesce(closed.subscriber_id, outcomes.subscriber_id) as subscriber_id,
    closed.subscriber_id is null as is_judged_too_early
from closed
full outer join outcomes
    on closed.as_of_date = outcomes.as_of_date
    and closed.subscriber_id = outcomes.subscriber_id
where closed.subscriber_id is null
    or outcomes.subscriber_id is null
