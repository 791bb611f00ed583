{{ config(materialized='view') }}
-- The sticky services that a line has on, and uses as much as they ask for; one row per running subscription.
with targets as (

    select * from {{ ref('ind_usage') }}

),

subscriptions as (

    select * from {{ ref('stg_service_subscriptions') }}

),

services as (

    select * from {{ ref('services') }} where is_sticky

)

select
    targets.as_of_date,
    targets.subscriber_id,
    concat('sticky_', services.service_code) as indicator_code
from targets
inner join subscriptions
    on targets.subscriber_id = subscriptions.subscriber_id
    and subscriptions.started_on <= targets.as_of_date
    and (subscriptions.ended_on is null or subscriptions.ended_on > targets.as_of_date)
inner join services on subscriptions.service_code = services.service_code
-- The seed counts megabytes of 2^20 bytes.
where targets.data_bytes_28d >= coalesce(services.min_usage_mb_28d, 0) * 1048576
