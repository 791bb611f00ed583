{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_observations_to_build() }}") }}
with contributions as (

    select * from {{ ref('contributions') }}

)

select
    as_of_date,
    subscriber_id,
    model_scope,
    scorecard_code,
    indicator_code,
    family_code,
    indicator_value,
    lower_bound,
    upper_bound,
    points,
    is_counted,
    scope_type,
    scope_code
from contributions
