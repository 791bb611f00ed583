-- For one alert: which indicators gave how many points, in which band, by whose weights, and what the scores made of it.
-- One row per scorecard and indicator with points. Rows with is_counted = false gave none: their family takes its highest band only.
-- Choose the alert with variables; without them it is the most urgent one of the last Sunday in the local model:
--   dbt show -s explain_one_alert --limit 50 --vars '{subscriber_id: S0000001, as_of_date: 2026-06-28, model_scope: local}'
-- A terminal shows the first columns only; add --output json to see all.
{%- set subscriber_id = "'" ~ var('subscriber_id') ~ "'" if var('subscriber_id', none) else 'null' -%}
{%- set as_of_date = "'" ~ var('as_of_date') ~ "'" if var('as_of_date', none) else 'null' %}
with alerts as (

    select * from {{ ref('fct_weekly_alerts') }} where model_scope = '{{ var('model_scope', 'local') }}'

),

contributions as (

    select * from {{ ref('fct_alert_contributions') }}

),

indicators as (

    select * from {{ ref('dim_indicators') }}

),

last_sunday as (

    select max(as_of_date) as as_of_date from alerts

),

chosen as (

    select
        alerts.*,
        row_number() over (
            order by
                case alerts.alert_level when 'red' then 1 when 'yellow' then 2 when 'blue' then 3 else 4 end asc,
                alerts.core_risk_score + alerts.churn_traceback_score - alerts.core_stability_score desc,
                alerts.subscriber_id asc
        ) as urgency
    from alerts
    cross join last_sunday
    where
        alerts.as_of_date = coalesce(cast({{ as_of_date }} as date), last_sunday.as_of_date)
        and alerts.subscriber_id = coalesce({{ subscriber_id }}, alerts.subscriber_id)

)

select
    contributions.scorecard_code,
    contributions.indicator_code,
    contributions.indicator_value,
    contributions.points,
    contributions.is_counted,
    contributions.lower_bound,
    contributions.upper_bound,
    contributions.family_code,
    contributions.scope_type,
    contributions.scope_code,
    indicators.label_en,
    indicators.unit,
    chosen.as_of_date,
    chosen.subscriber_id,
    chosen.alert_level,
    chosen.alert_signals,
    chosen.core_risk_score,
    chosen.core_stability_score,
    chosen.churn_traceback_score,
    chosen.stability_alert_level,
    chosen.early_warning_level,
    chosen.commitment_risk_level,
    chosen.is_potential_churner,
    chosen.reason_text_en
from chosen
left join contributions
    on chosen.as_of_date = contributions.as_of_date
    and chosen.subscriber_id = contributions.subscriber_id
    and chosen.model_scope = contributions.model_scope
left join indicators on contributions.indicator_code = indicators.indicator_code
where chosen.urgency = 1
order by
    contributions.scorecard_code asc,
    contributions.points desc,
    contributions.indicator_code asc
