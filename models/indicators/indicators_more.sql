{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- Indicators that have no column, as rows: sticky services that seed services marks beyond those of macros/indicator_columns.sql. A project that
-- measures more adds its rows here. Kept from run to run.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

services as (

    select concat('sticky_', service_code) as indicator_code from {{ ref('services') }} where is_sticky

),

without_column as (

    select indicator_code from services where indicator_code not in ('{{ sticky_indicators() | join("', '") }}')

),

sticky_services_on as (

    select * from {{ ref('sticky_services_on') }}

),

switched_on as (

    select distinct
        sticky_services_on.as_of_date,
        sticky_services_on.subscriber_id,
        sticky_services_on.indicator_code
    from sticky_services_on
    inner join without_column on sticky_services_on.indicator_code = without_column.indicator_code

)

select
    targets.as_of_date,
    targets.subscriber_id,
    without_column.indicator_code,
    cast(case when switched_on.subscriber_id is null then 0 else 1 end as double) as indicator_value,
    'known' as indicator_status
from targets
cross join without_column
left join switched_on
    on targets.as_of_date = switched_on.as_of_date
    and targets.subscriber_id = switched_on.subscriber_id
    and without_column.indicator_code = switched_on.indicator_code
