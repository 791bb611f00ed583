with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

devices as (

    select * from {{ ref('stg_devices') }}

),

device_models as (

    select * from {{ ref('stg_device_models') }}

),

operators as (

    select * from {{ ref('operators') }}

),

ranked as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        devices.device_model_code,
        row_number() over (
            partition by targets.as_of_date, targets.subscriber_id order by devices.first_seen_on desc
        ) as newest
    from targets
    inner join devices
        on targets.subscriber_id = devices.subscriber_id
        and devices.first_seen_on <= targets.as_of_date

)

select
    targets.as_of_date,
    targets.subscriber_id,
    case
        when device_models.device_model_code is null then null
        when operators.is_competitor then 2
        when device_models.is_dual_sim then 1
        else 0
    end as handset_risk
from targets
left join ranked
    on targets.as_of_date = ranked.as_of_date
    and targets.subscriber_id = ranked.subscriber_id
    and ranked.newest = 1
left join device_models on ranked.device_model_code = device_models.device_model_code
left join operators on device_models.customised_for = operators.operator_code
