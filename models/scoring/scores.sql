{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- One row per target and model scope, with a score for each of the three scorecards; no hit is a score of 0.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

contributions as (

    select * from {{ ref('contributions') }} where is_counted

),

model_scopes as (

    select model_scope from (values ('base'), ('local')) as scopes (model_scope)

),

sums as (

    select
        as_of_date,
        subscriber_id,
        model_scope,
        sum(points) filter (where scorecard_code = 'core_risk') as core_risk_score,
        sum(points) filter (where scorecard_code = 'core_stability') as core_stability_score,
        sum(points) filter (where scorecard_code = 'churn_traceback') as churn_traceback_score
    from contributions
    group by as_of_date, subscriber_id, model_scope

)

select
    targets.as_of_date,
    targets.subscriber_id,
    model_scopes.model_scope,
    cast(coalesce(sums.core_risk_score, 0) as integer) as core_risk_score,
    cast(coalesce(sums.core_stability_score, 0) as integer) as core_stability_score,
    cast(coalesce(sums.churn_traceback_score, 0) as integer) as churn_traceback_score
from targets
cross join model_scopes
left join sums
    on targets.as_of_date = sums.as_of_date
    and targets.subscriber_id = sums.subscriber_id
    and model_scopes.model_scope = sums.model_scope
