{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_observations_to_build() }}") }}
-- What each method says of an observation, one column per method. Seed alert_policy turns it into the final level.
with scores as (

    select * from {{ of_this_build(ref('scores')) }}

),

early_warnings as (

    select * from {{ ref('early_warnings') }} where {{ is_in_part('as_of_date') }}

),

stability_alert_rules as (

    select * from {{ ref('stability_alert_rules') }}

),

churn_traceback as (

    select alert_threshold from {{ ref('scorecards') }} where scorecard_code = 'churn_traceback'

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

-- Few pairs of scores occur, so each is judged once.
score_pairs as (

    select distinct
        core_risk_score,
        core_stability_score
    from scores

),

stability_severities as (

    select
        score_pairs.core_risk_score,
        score_pairs.core_stability_score,
        coalesce(max(alert_levels.severity), 0) as severity
    from score_pairs
    left join stability_alert_rules
        on (stability_alert_rules.risk_min is null or score_pairs.core_risk_score >= stability_alert_rules.risk_min)
        and (stability_alert_rules.risk_max is null or score_pairs.core_risk_score <= stability_alert_rules.risk_max)
        and (stability_alert_rules.stability_min is null or score_pairs.core_stability_score >= stability_alert_rules.stability_min)
        and (stability_alert_rules.stability_max is null or score_pairs.core_stability_score <= stability_alert_rules.stability_max)
    left join alert_levels on stability_alert_rules.alert_level = alert_levels.level_code
    group by score_pairs.core_risk_score, score_pairs.core_stability_score

),

stability_levels as (

    select
        stability_severities.core_risk_score,
        stability_severities.core_stability_score,
        alert_levels.level_code
    from stability_severities
    inner join alert_levels on stability_severities.severity = alert_levels.severity

)

select
    scores.as_of_date,
    scores.subscriber_id,
    scores.model_scope,
    stability_levels.level_code as stability,
    early_warnings.early_warning_level as early_warning,
    case
        when scores.churn_traceback_score >= churn_traceback.alert_threshold then 'potential'
        when scores.churn_traceback_score < churn_traceback.alert_threshold then 'none'
    end as traceback
from scores
left join stability_levels
    on scores.core_risk_score = stability_levels.core_risk_score
    and scores.core_stability_score = stability_levels.core_stability_score
left join early_warnings
    on scores.as_of_date = early_warnings.as_of_date
    and scores.subscriber_id = early_warnings.subscriber_id
left join churn_traceback on true
