{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_observations_to_build() }}") }}
-- One row per target and model scope, with a score for each of the three scorecards; no hit is a score of 0.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}

),

contributions as (

    select * from {{ of_this_build(ref('contributions')) }}

),

model_scopes as (

    select model_scope from (values ('base'), ('local')) as scopes (model_scope)

),

sums as (

    select
        as_of_date,
        subscriber_id,
        sum(points) filter (where is_counted_in_base and scorecard_code = 'core_risk') as core_risk_in_base,
        sum(points) filter (where is_counted_in_base and scorecard_code = 'core_stability') as core_stability_in_base,
        sum(points) filter (where is_counted_in_base and scorecard_code = 'churn_traceback') as churn_traceback_in_base,
        sum(points) filter (where is_counted_in_local and scorecard_code = 'core_risk') as core_risk_in_local,
        sum(points) filter (where is_counted_in_local and scorecard_code = 'core_stability') as core_stability_in_local,
        sum(points) filter (where is_counted_in_local and scorecard_code = 'churn_traceback') as churn_traceback_in_local
    from contributions
    group by as_of_date, subscriber_id

),

scores as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        model_scopes.model_scope,
        case when model_scopes.model_scope = 'base' then sums.core_risk_in_base else sums.core_risk_in_local end as core_risk_score,
        case when model_scopes.model_scope = 'base' then sums.core_stability_in_base else sums.core_stability_in_local end as core_stability_score,
        case when model_scopes.model_scope = 'base' then sums.churn_traceback_in_base else sums.churn_traceback_in_local end as churn_traceback_score
    from targets
    cross join model_scopes
    left join sums
        on targets.as_of_date = sums.as_of_date
        and targets.subscriber_id = sums.subscriber_id

)

select
    as_of_date,
    subscriber_id,
    model_scope,
    cast(coalesce(core_risk_score, 0) as integer) as core_risk_score,
    cast(coalesce(core_stability_score, 0) as integer) as core_stability_score,
    cast(coalesce(churn_traceback_score, 0) as integer) as churn_traceback_score
from scores
