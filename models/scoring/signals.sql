{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- What each method says of an observation, in one form: (signal, value). Seed alert_policy turns them into the final level.
with scores as (

    select * from {{ of_this_build(ref('scores')) }}

),

early_warnings as (

    select * from {{ ref('early_warnings') }}

),

stability_alert_rules as (

    select * from {{ ref('stability_alert_rules') }}

),

scorecards as (

    select * from {{ ref('scorecards') }}

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

stability_severities as (

    select
        scores.as_of_date,
        scores.subscriber_id,
        scores.model_scope,
        coalesce(max(alert_levels.severity), 0) as severity
    from scores
    left join stability_alert_rules
        on (stability_alert_rules.risk_min is null or scores.core_risk_score >= stability_alert_rules.risk_min)
        and (stability_alert_rules.risk_max is null or scores.core_risk_score <= stability_alert_rules.risk_max)
        and (stability_alert_rules.stability_min is null or scores.core_stability_score >= stability_alert_rules.stability_min)
        and (stability_alert_rules.stability_max is null or scores.core_stability_score <= stability_alert_rules.stability_max)
    left join alert_levels on stability_alert_rules.alert_level = alert_levels.level_code
    group by scores.as_of_date, scores.subscriber_id, scores.model_scope

)

select
    stability_severities.as_of_date,
    stability_severities.subscriber_id,
    stability_severities.model_scope,
    'stability' as signal,
    alert_levels.level_code as signal_value
from stability_severities
inner join alert_levels on stability_severities.severity = alert_levels.severity

union all

select
    scores.as_of_date,
    scores.subscriber_id,
    scores.model_scope,
    'early_warning' as signal,
    early_warnings.early_warning_level as signal_value
from scores
inner join early_warnings
    on scores.as_of_date = early_warnings.as_of_date
    and scores.subscriber_id = early_warnings.subscriber_id

union all

select
    scores.as_of_date,
    scores.subscriber_id,
    scores.model_scope,
    'traceback' as signal,
    case when scores.churn_traceback_score >= scorecards.alert_threshold then 'potential' else 'none' end as signal_value
from scores
inner join scorecards on scorecards.scorecard_code = 'churn_traceback'
