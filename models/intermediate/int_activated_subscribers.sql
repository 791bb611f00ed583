-- The spine of everything else: who exists at each date, and in which status. Only those observations that this run builds.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

dates_to_build as (

    select * from {{ ref('int_dates_to_build') }}

),

lines_to_build as (

    select * from {{ ref('int_lines_to_build') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

status_periods as (

    select * from {{ ref('int_status_periods') }}

)

select
    as_of_dates.as_of_date,
    as_of_dates.last_bill_month,
    subscribers.subscriber_id,
    subscribers.customer_id,
    subscribers.account_id,
    subscribers.activated_on,
    status_periods.status_code,
    status_periods.status_category
from dates_to_build
inner join as_of_dates on dates_to_build.as_of_date = as_of_dates.as_of_date
inner join subscribers on subscribers.activated_on <= as_of_dates.as_of_date
left join lines_to_build on subscribers.subscriber_id = lines_to_build.subscriber_id
left join status_periods
    on subscribers.subscriber_id = status_periods.subscriber_id
    and status_periods.starts_on <= as_of_dates.as_of_date
    and status_periods.ends_before > as_of_dates.as_of_date
where dates_to_build.is_whole
    or lines_to_build.build_from <= dates_to_build.as_of_date
