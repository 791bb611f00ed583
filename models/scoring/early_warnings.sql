-- The early warning does not depend on points, so it is the same in both model scopes.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

indicators as (

    select * from {{ ref('indicators_to_build') }} where indicator_code = 'amortisation_days_left'

),

conditions_met as (

    select * from {{ ref('conditions_met') }}

),

early_warning_rules as (

    select * from {{ ref('early_warning_rules') }}

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

conditions as (

    select
        as_of_date,
        subscriber_id,
        max(case when condition_code = 'complaint' then 1 else 0 end) = 1 as has_complaint_condition,
        max(case when condition_code = 'plunge' then 1 else 0 end) = 1 as has_plunge_condition,
        max(case when condition_code = 'contract_expiry' then 1 else 0 end) = 1 as has_contract_expiry_condition,
        max(case when condition_code = 'forwarding' then 1 else 0 end) = 1 as has_forwarding_condition,
        max(case when condition_code = 'competitor_contact' then 1 else 0 end) = 1 as has_competitor_contact_condition
    from conditions_met
    group by as_of_date, subscriber_id

),

judged as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        conditions.subscriber_id is not null as has_condition,
        coalesce(conditions.has_complaint_condition, false) as has_complaint_condition,
        coalesce(conditions.has_plunge_condition, false) as has_plunge_condition,
        coalesce(conditions.has_contract_expiry_condition, false) as has_contract_expiry_condition,
        coalesce(conditions.has_forwarding_condition, false) as has_forwarding_condition,
        coalesce(conditions.has_competitor_contact_condition, false) as has_competitor_contact_condition,
        -- No running contract leaves 0 days, and today is within the horizon; without the feed the value, and so the level, is null.
        case
            when indicators.indicator_value is null then null
            when {{ add_days('targets.as_of_date', 'indicators.indicator_value') }}
                <= last_day({{ plus_months('targets.as_of_date', parameter('commitment_horizon_months')) }}) then 1
            else 2
        end as commitment_risk_level
    from targets
    left join indicators
        on targets.as_of_date = indicators.as_of_date
        and targets.subscriber_id = indicators.subscriber_id
    left join conditions
        on targets.as_of_date = conditions.as_of_date
        and targets.subscriber_id = conditions.subscriber_id

),

leveled as (

    select
        judged.as_of_date,
        judged.subscriber_id,
        judged.has_condition,
        judged.has_complaint_condition,
        judged.has_plunge_condition,
        judged.has_contract_expiry_condition,
        judged.has_forwarding_condition,
        judged.has_competitor_contact_condition,
        judged.commitment_risk_level,
        coalesce(max(alert_levels.severity), 0) as severity
    from judged
    left join early_warning_rules
        on judged.has_condition = early_warning_rules.has_condition
        and coalesce(judged.commitment_risk_level, 0) = coalesce(early_warning_rules.commitment_risk_level, 0)
    left join alert_levels on early_warning_rules.alert_level = alert_levels.level_code
    group by
        judged.as_of_date,
        judged.subscriber_id,
        judged.has_condition,
        judged.has_complaint_condition,
        judged.has_plunge_condition,
        judged.has_contract_expiry_condition,
        judged.has_forwarding_condition,
        judged.has_competitor_contact_condition,
        judged.commitment_risk_level

)

select
    leveled.as_of_date,
    leveled.subscriber_id,
    leveled.has_complaint_condition,
    leveled.has_plunge_condition,
    leveled.has_contract_expiry_condition,
    leveled.has_forwarding_condition,
    leveled.has_competitor_contact_condition,
    cast(leveled.commitment_risk_level as integer) as commitment_risk_level,
    alert_levels.level_code as early_warning_level
from leveled
inner join alert_levels on leveled.severity = alert_levels.severity
