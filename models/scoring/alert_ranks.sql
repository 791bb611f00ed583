{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_dates_to_build() }}") }}
-- The place of each alert on its list: that of the manager, or of the branch for those without one. A list holds the alerts of one date and scope, so one changed
-- alert can change the places of all others, and whole dates are ranked again.
with observations as (

    select * from {{ dates_of_this_build(ref('int_observations')) }}

),

scores as (

    select * from {{ dates_of_this_build(ref('scores')) }}

),

levels as (

    select * from {{ dates_of_this_build(ref('alert_levels_at_date')) }}

)

select
    scores.as_of_date,
    scores.subscriber_id,
    scores.model_scope,
    row_number() over (
        partition by
            scores.as_of_date,
            scores.model_scope,
            observations.manager_id,
            case when observations.manager_id is null then observations.branch_code end
        order by
            levels.severity desc,
            scores.core_risk_score + scores.churn_traceback_score - scores.core_stability_score desc,
            observations.arpu_3m desc nulls last,
            scores.subscriber_id
    ) as priority_rank
from scores
inner join observations
    on scores.as_of_date = observations.as_of_date
    and scores.subscriber_id = observations.subscriber_id
inner join levels
    on scores.as_of_date = levels.as_of_date
    and scores.subscriber_id = levels.subscriber_id
    and scores.model_scope = levels.model_scope
where levels.severity > 0
