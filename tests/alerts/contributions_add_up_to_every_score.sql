-- Every point is explained: the counted contributions of a score add up to it, and there is none for a score that does not exist.
with explained as (

    select
        as_of_date,
        subscriber_id,
        model_scope,
        coalesce(sum(case when scorecard_code = 'core_risk' then points end), 0) as core_risk_points,
        coalesce(sum(case when scorecard_code = 'core_stability' then points end), 0) as core_stability_points,
        coalesce(sum(case when scorecard_code = 'churn_traceback' then points end), 0) as churn_traceback_points
    from {{ of_built_observations(ref('fct_alert_contributions')) }} as contributions
    where is_counted
    group by as_of_date, subscriber_id, model_scope

),

alerts as (

    select as_of_date, subscriber_id, model_scope, core_risk_score, core_stability_score, churn_traceback_score from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts
    union
    select as_of_date, subscriber_id, model_scope, core_risk_score, core_stability_score, churn_traceback_score from {{ of_built_observations(ref('fct_daily_alerts')) }} as daily_alerts

)

select
    coalesce(alerts.as_of_date, explained.as_of_date) as as_of_date,
    coalesce(alerts.subscriber_id, explained.subscriber_id) as subscriber_id,
    coalesce(alerts.model_scope, explained.model_scope) as model_scope,
    alerts.core_risk_score,
    explained.core_risk_points,
    alerts.core_stability_score,
    explained.core_stability_points,
    alerts.churn_traceback_score,
    explained.churn_traceback_points
from alerts
full outer join explained
    on alerts.as_of_date = explained.as_of_date
    and alerts.subscriber_id = explained.subscriber_id
    and alerts.model_scope = explained.model_scope
where alerts.subscriber_id is null
    or alerts.core_risk_score <> coalesce(explained.core_risk_points, 0)
    or alerts.core_stability_score <> coalesce(explained.core_stability_points, 0)
    or alerts.churn_traceback_score <> coalesce(explained.churn_traceback_points, 0)
