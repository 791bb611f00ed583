-- A missing indicator is seen, not read as healthy: each target has a row for each indicator, known or not. Mirrored by every_indicator_belongs_to_a_target.
with targets as (

    select as_of_date, subscriber_id from {{ ref('int_observations') }} where is_target

),

services as (

    select * from {{ ref('services') }}

),

expected_indicators as (

    select indicator_code
    from {{ ref('indicators') }}
    where indicator_code not like 'sticky%'

    union

    select concat('sticky_', service_code) as indicator_code
    from services
    where is_sticky

),

found as (

    select as_of_date, subscriber_id, count(*) as indicator_rows, count(distinct indicator_code) as indicators
    from {{ ref('indicators_long') }}
    group by as_of_date, subscriber_id

),

needed as (

    select count(*) as indicators from expected_indicators

)

select
    targets.as_of_date,
    targets.subscriber_id,
    needed.indicators as indicators_needed,
    coalesce(found.indicators, 0) as indicators_found,
    coalesce(found.indicator_rows, 0) as indicator_rows
from targets
cross join needed
left join found
    on targets.as_of_date = found.as_of_date
    and targets.subscriber_id = found.subscriber_id
where coalesce(found.indicators, 0) <> needed.indicators
    or coalesce(found.indicator_rows, 0) <> needed.indicators
