-- Each commitment risk level (1, 2, blank for unknown), with and without a special condition, has its alert level.
with risk_levels as (
    select 1 as commitment_risk_level
    union all
    select 2 as commitment_risk_level
    union all
    select cast(null as integer) as commitment_risk_level
),

conditions as (
    select true as has_condition
    union all
    select false as has_condition
),

rules as (
    select
        commitment_risk_level,
        has_condition,
        1 as is_there
    from {{ ref('early_warning_rules') }}
)

select
    risk_levels.commitment_risk_level,
    conditions.has_condition
from risk_levels
cross join conditions
left join rules
    on coalesce(risk_levels.commitment_risk_level, 0) = coalesce(rules.commitment_risk_level, 0)
    and conditions.has_condition = rules.has_condition
where rules.is_there is null
