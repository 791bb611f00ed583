-- Whose level changed on the last Sunday against the Sunday before, and which scores moved (local model).
-- A line that was not watched the week before has no level then and counts as a new alert.
with alerts as (

    select * from {{ ref('fct_weekly_alerts') }} where model_scope = 'local'

),

last_sunday as (

    select max(as_of_date) as as_of_date from alerts

),

this_week as (

    select alerts.*
    from alerts
    inner join last_sunday on alerts.as_of_date = last_sunday.as_of_date

)

select
    this_week.as_of_date,
    this_week.branch_code,
    this_week.manager_id,
    this_week.subscriber_id,
    this_week.msisdn_masked,
    this_week.alert_state,
    week_before.alert_level as level_before,
    this_week.alert_level as level_now,
    this_week.core_risk_score - week_before.core_risk_score as core_risk_change,
    this_week.core_stability_score - week_before.core_stability_score as core_stability_change,
    this_week.churn_traceback_score - week_before.churn_traceback_score as churn_traceback_change,
    this_week.scorecard_version <> week_before.scorecard_version as weights_changed,
    this_week.reason_text_en
from this_week
left join alerts as week_before
    on this_week.subscriber_id = week_before.subscriber_id
    and week_before.as_of_date = {{ add_days('this_week.as_of_date', -7) }}
where this_week.alert_state in ('new', 'escalated', 'de_escalated', 'cleared')
order by
    this_week.branch_code,
    this_week.manager_id,
    this_week.priority_rank,
    this_week.subscriber_id
