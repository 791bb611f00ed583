-- Every line as it stands at the date of the run; a line that is not activated yet has no state.
with run as (

    select * from {{ ref('int_run') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

observations as (

    select * from {{ ref('int_observations_to_build') }}

),

current_observations as (

    select observations.*
    from observations
    inner join run on observations.as_of_date = run.as_of_date

)

select
    subscribers.subscriber_id,
    subscribers.customer_id,
    subscribers.account_id,
    subscribers.msisdn_masked,
    subscribers.msisdn_hash,
    subscribers.brand_code,
    subscribers.activated_on,
    current_observations.as_of_date,
    current_observations.plan_code,
    current_observations.status_code,
    current_observations.status_category,
    current_observations.city_code,
    current_observations.branch_code,
    current_observations.manager_id,
    current_observations.customer_class,
    current_observations.group_id,
    current_observations.group_class,
    current_observations.arpu_3m,
    current_observations.is_arpu_from_plan,
    current_observations.value_tier,
    coalesce(current_observations.is_target, false) as is_target
from subscribers
left join current_observations on subscribers.subscriber_id = current_observations.subscriber_id
