-- A week's scores and levels computed again from its indicators and from the rows that were valid on it, held against fct_weekly_alerts.
-- None of the scoring models is used, so both are right or both have to be wrong in the same way. One row per model and level as published:
-- different = 0 in all of them says that the week is reproduced. Without the variable it is the last Sunday:
--   dbt show -s reproduce_a_past_week --vars '{as_of_date: 2026-06-21}'
{%- set as_of_date = "'" ~ var('as_of_date') ~ "'" if var('as_of_date', none) else 'null' %}
with alerts as (

    select * from {{ ref('fct_weekly_alerts') }}

),

chosen_week as (

    select max(as_of_date) as as_of_date
    from alerts
    where as_of_date = coalesce(cast({{ as_of_date }} as date), as_of_date)

),

-- What was published, and what it was made from

published as (

    select alerts.*
    from alerts
    inner join chosen_week on alerts.as_of_date = chosen_week.as_of_date

),

lines as (

    select observations.*
    from {{ ref('int_observations') }} as observations
    inner join chosen_week on observations.as_of_date = chosen_week.as_of_date
    where observations.is_target

),

indicators as (

    select indicators.*
    from {{ ref('indicators_long') }} as indicators
    inner join chosen_week on indicators.as_of_date = chosen_week.as_of_date

),

-- The rules then valid

bands as (

    select
        bands.*,
        scorecard_indicators.family_code,
        families.family_rule
    from {{ ref('scorecard_bands') }} as bands
    inner join chosen_week
        on bands.valid_from <= chosen_week.as_of_date
        and (bands.valid_to is null or bands.valid_to >= chosen_week.as_of_date)
    inner join {{ ref('scorecard_indicators') }} as scorecard_indicators
        on bands.scorecard_code = scorecard_indicators.scorecard_code
        and bands.indicator_code = scorecard_indicators.indicator_code
    inner join {{ ref('indicator_families') }} as families
        on scorecard_indicators.scorecard_code = families.scorecard_code
        and scorecard_indicators.family_code = families.family_code

),

stability_alert_rules as (

    select * from {{ ref('stability_alert_rules') }}

),

warning_conditions as (

    select * from {{ ref('warning_conditions') }}

),

early_warning_rules as (

    select * from {{ ref('early_warning_rules') }}

),

scorecards as (

    select * from {{ ref('scorecards') }}

),

alert_policy as (

    select * from {{ ref('alert_policy') }}

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

-- Points: of the rows for the line's branch, its city and everybody the nearest ones count, in the base model only those for everybody

watched as (

    select
        lines.subscriber_id,
        lines.as_of_date,
        lines.branch_code,
        lines.city_code,
        model_scopes.model_scope
    from lines
    cross join (values ('base'), ('local')) as model_scopes (model_scope)

),

rows_of_a_line as (

    select
        watched.subscriber_id,
        watched.model_scope,
        bands.*,
        dense_rank() over (
            partition by watched.subscriber_id, watched.model_scope, bands.scorecard_code, bands.indicator_code
            order by case bands.scope_type when 'branch' then 1 when 'city' then 2 else 3 end
        ) as distance
    from watched
    inner join bands
        on bands.scope_type = 'base'
        or (watched.model_scope = 'local' and bands.scope_type = 'branch' and bands.scope_code = watched.branch_code)
        or (watched.model_scope = 'local' and bands.scope_type = 'city' and bands.scope_code = watched.city_code)

),

hits as (

    select rows_of_a_line.*
    from rows_of_a_line
    inner join indicators
        on rows_of_a_line.subscriber_id = indicators.subscriber_id
        and rows_of_a_line.indicator_code = indicators.indicator_code
    where
        rows_of_a_line.distance = 1
        and (indicators.indicator_value is null) = coalesce(rows_of_a_line.match_missing, false)
        and (rows_of_a_line.lower_bound is null or indicators.indicator_value is null or indicators.indicator_value >= rows_of_a_line.lower_bound)
        and (rows_of_a_line.upper_bound is null or indicators.indicator_value is null or indicators.indicator_value < rows_of_a_line.upper_bound)

),

family_points as (

    select
        subscriber_id,
        model_scope,
        scorecard_code,
        family_code,
        case when family_rule = 'max' then max(points) else sum(points) end as points
    from hits
    group by subscriber_id, model_scope, scorecard_code, family_code, family_rule

),

scores as (

    select
        watched.subscriber_id,
        watched.model_scope,
        coalesce(sum(family_points.points) filter (where family_points.scorecard_code = 'core_risk'), 0) as core_risk_score,
        coalesce(sum(family_points.points) filter (where family_points.scorecard_code = 'core_stability'), 0) as core_stability_score,
        coalesce(sum(family_points.points) filter (where family_points.scorecard_code = 'churn_traceback'), 0) as churn_traceback_score
    from watched
    left join family_points
        on watched.subscriber_id = family_points.subscriber_id
        and watched.model_scope = family_points.model_scope
    group by watched.subscriber_id, watched.model_scope

),

-- Early warning: fee commitment and special conditions

commitments as (

    select
        lines.subscriber_id,
        case
            when indicators.indicator_value is not null then
                case
                    when {{ add_days('lines.as_of_date', 'indicators.indicator_value') }}
                        <= last_day({{ plus_months('lines.as_of_date', parameter('commitment_horizon_months')) }}) then 1
                    else 2
                end
        end as commitment_risk_level
    from lines
    left join indicators
        on lines.subscriber_id = indicators.subscriber_id
        and indicators.indicator_code = 'amortisation_days_left'

),

with_condition as (

    select distinct indicators.subscriber_id
    from indicators
    inner join warning_conditions on indicators.indicator_code = warning_conditions.indicator_code
    where
        indicators.indicator_value > warning_conditions.threshold
        or (warning_conditions.operator = '>=' and indicators.indicator_value = warning_conditions.threshold)

),

early_warnings as (

    select
        commitments.subscriber_id,
        coalesce(early_warning_rules.alert_level, 'none') as level_code
    from commitments
    left join with_condition on commitments.subscriber_id = with_condition.subscriber_id
    left join early_warning_rules
        on commitments.commitment_risk_level is not distinct from early_warning_rules.commitment_risk_level
        and early_warning_rules.has_condition = (with_condition.subscriber_id is not null)

),

-- Levels: the highest that the policy gives to any signal

stability_alerts as (

    select
        scores.subscriber_id,
        scores.model_scope,
        coalesce(max_by(alert_levels.level_code, alert_levels.severity), 'none') as level_code
    from scores
    left join stability_alert_rules
        on scores.core_risk_score >= coalesce(stability_alert_rules.risk_min, scores.core_risk_score)
        and scores.core_risk_score <= coalesce(stability_alert_rules.risk_max, scores.core_risk_score)
        and scores.core_stability_score >= coalesce(stability_alert_rules.stability_min, scores.core_stability_score)
        and scores.core_stability_score <= coalesce(stability_alert_rules.stability_max, scores.core_stability_score)
    left join alert_levels on stability_alert_rules.alert_level = alert_levels.level_code
    group by scores.subscriber_id, scores.model_scope

),

signals as (

    select subscriber_id, model_scope, 'stability' as signal, level_code as signal_value from stability_alerts
    union all
    select watched.subscriber_id, watched.model_scope, 'early_warning' as signal, early_warnings.level_code as signal_value
    from watched
    inner join early_warnings on watched.subscriber_id = early_warnings.subscriber_id
    union all
    select scores.subscriber_id, scores.model_scope, 'traceback' as signal, 'potential' as signal_value
    from scores
    inner join scorecards
        on scorecards.scorecard_code = 'churn_traceback'
        and scores.churn_traceback_score >= scorecards.alert_threshold

),

final_levels as (

    select
        signals.subscriber_id,
        signals.model_scope,
        coalesce(max_by(alert_levels.level_code, alert_levels.severity), 'none') as level_code
    from signals
    left join alert_policy
        on signals.signal = alert_policy.signal
        and signals.signal_value = alert_policy.signal_value
    left join alert_levels on alert_policy.alert_level = alert_levels.level_code
    group by signals.subscriber_id, signals.model_scope

),

reproduced as (

    select
        scores.subscriber_id,
        scores.model_scope,
        scores.core_risk_score,
        scores.core_stability_score,
        scores.churn_traceback_score,
        stability_alerts.level_code as stability_alert_level,
        early_warnings.level_code as early_warning_level,
        final_levels.level_code as alert_level
    from scores
    inner join stability_alerts
        on scores.subscriber_id = stability_alerts.subscriber_id
        and scores.model_scope = stability_alerts.model_scope
    inner join early_warnings on scores.subscriber_id = early_warnings.subscriber_id
    inner join final_levels
        on scores.subscriber_id = final_levels.subscriber_id
        and scores.model_scope = final_levels.model_scope

),

compared as (

    select
        coalesce(published.subscriber_id, reproduced.subscriber_id) as subscriber_id,
        coalesce(published.model_scope, reproduced.model_scope) as model_scope,
        published.alert_level,
        coalesce(
            published.core_risk_score = reproduced.core_risk_score
            and published.core_stability_score = reproduced.core_stability_score
            and published.churn_traceback_score = reproduced.churn_traceback_score
            and published.stability_alert_level = reproduced.stability_alert_level
            and published.early_warning_level = reproduced.early_warning_level
            and published.alert_level = reproduced.alert_level,
            false
        ) as is_reproduced
    from published
    full outer join reproduced
        on published.subscriber_id = reproduced.subscriber_id
        and published.model_scope = reproduced.model_scope

)

select
    chosen_week.as_of_date,
    compared.model_scope,
    compared.alert_level,
    count(*) filter (where compared.is_reproduced) as reproduced,
    count(*) filter (where not compared.is_reproduced) as different,
    min(compared.subscriber_id) filter (where not compared.is_reproduced) as first_different_line
from compared
cross join chosen_week
group by
    chosen_week.as_of_date,
    compared.model_scope,
    compared.alert_level
order by
    compared.model_scope,
    compared.alert_level
