{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- Every watched line at every date: kept from run to run.
with observations as (

    select * from {{ ref('int_observations_to_build') }} where is_target

)

select
    as_of_date,
    week_start_date,
    previous_sunday,
    history_days,
    first_feed_date,
    subscriber_id,
    customer_id,
    account_id,
    activated_on,
    status_code,
    status_category,
    msisdn_masked,
    brand_code,
    plan_code,
    city_code,
    branch_code,
    manager_id,
    arpu_3m,
    is_arpu_from_plan,
    value_tier,
    customer_class,
    group_id,
    group_class,
    is_target
from observations
