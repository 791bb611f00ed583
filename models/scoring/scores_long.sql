{{ config(materialized='view') }}
-- The scores with one row per scorecard.
with scores as (

    select * from {{ ref('scores') }}

)

select as_of_date, subscriber_id, model_scope, 'core_risk' as scorecard_code, core_risk_score as score from scores
union all
select as_of_date, subscriber_id, model_scope, 'core_stability' as scorecard_code, core_stability_score as score from scores
union all
select as_of_date, subscriber_id, model_scope, 'churn_traceback' as scorecard_code, churn_traceback_score as score from scores
