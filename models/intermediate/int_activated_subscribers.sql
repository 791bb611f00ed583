{{ config(materialized='view') }}
-- The spine of everything else: who exists at each date, and in which status. Only those observations that this run builds.
with dates_to_build as (

    select * from {{ ref('int_dates_to_build') }} where {{ is_in_part('as_of_date') }}

),

lines_to_build as (

    select * from {{ ref('int_lines_to_build') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

status_periods as (

    select * from {{ ref('int_status_periods') }}

),

-- Of whole dates no line has to be looked up among those that have changed.
observed as (

    select
        dates_to_build.as_of_date,
        subscribers.subscriber_id
    from dates_to_build
    inner join subscribers on subscribers.activated_on <= dates_to_build.as_of_date
    where dates_to_build.is_whole

    union all

    select
        dates_to_build.as_of_date,
        subscribers.subscriber_id
    from lines_to_build
    inner join subscribers on lines_to_build.subscriber_id = subscribers.subscriber_id
    inner join dates_to_build
        on lines_to_build.build_from <= dates_to_build.as_of_date
        and subscribers.activated_on <= dates_to_build.as_of_date
    where not dates_to_build.is_whole

)

select
    observed.as_of_date,
    observed.subscriber_id,
    status_periods.status_code,
    status_periods.status_category
from observed
left join status_periods
    on observed.subscriber_id = status_periods.subscriber_id
    and status_periods.starts_on <= observed.as_of_date
    and status_periods.ends_before > observed.as_of_date
