with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

subscriptions as (

    select * from {{ ref('stg_service_subscriptions') }}

),

services as (

    select * from {{ ref('services') }}

),

weeks as (

    select * from {{ ref('int_usage_subscriber_week') }}

),

weeks_back as (

    select weeks from (values (0), (1), (2), (3)) as numbers (weeks)

),

new_services as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        count(distinct subscriptions.service_code) as new_services
    from targets
    inner join subscriptions
        on targets.subscriber_id = subscriptions.subscriber_id
        and subscriptions.started_on <= targets.as_of_date
        and subscriptions.started_on > {{ add_days('targets.as_of_date', -182) }}
    inner join services
        on subscriptions.service_code = services.service_code
        and services.is_new_service
    group by targets.as_of_date, targets.subscriber_id

),

data_usage as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        sum(weeks.data_bytes) as data_bytes_28d
    from targets
    cross join weeks_back
    inner join weeks
        on targets.subscriber_id = weeks.subscriber_id
        and weeks.week_end_date = {{ add_days('targets.as_of_date', '-7 * weeks_back.weeks') }}
    group by targets.as_of_date, targets.subscriber_id

),

services_on as (

    select distinct
        targets.as_of_date,
        targets.subscriber_id,
        subscriptions.service_code
    from targets
    inner join subscriptions
        on targets.subscriber_id = subscriptions.subscriber_id
        and subscriptions.started_on <= targets.as_of_date
        and (subscriptions.ended_on is null or subscriptions.ended_on > targets.as_of_date)

),

sticky as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        concat('sticky_', services.service_code) as indicator_code,
        case
            when services_on.service_code is null then 0
            -- The seed counts megabytes of 2^20 bytes.
            when coalesce(data_usage.data_bytes_28d, 0) < coalesce(services.min_usage_mb_28d, 0) * 1048576 then 0
            else 1
        end as indicator_value
    from targets
    cross join services
    left join services_on
        on targets.as_of_date = services_on.as_of_date
        and targets.subscriber_id = services_on.subscriber_id
        and services.service_code = services_on.service_code
    left join data_usage
        on targets.as_of_date = data_usage.as_of_date
        and targets.subscriber_id = data_usage.subscriber_id
    where services.is_sticky

)

select
    targets.as_of_date,
    targets.subscriber_id,
    'new_services_182d' as indicator_code,
    cast(coalesce(new_services.new_services, 0) as double) as indicator_value,
    'known' as indicator_status
from targets
left join new_services
    on targets.as_of_date = new_services.as_of_date
    and targets.subscriber_id = new_services.subscriber_id

union all

select
    as_of_date,
    subscriber_id,
    indicator_code,
    cast(indicator_value as double) as indicator_value,
    'known' as indicator_status
from sticky
