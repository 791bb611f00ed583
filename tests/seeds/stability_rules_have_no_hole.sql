-- More risk or less stability never ends a stability alert: a pair of scores that matches no rule gives no alert, so no
-- pair with at most its risk and at least its stability may be given one. Scores are whole numbers, and between two
-- starts every pair is judged alike.
-- To mend it: let the bounds of the rules meet, or add a row for the pair shown.
with rules as (
    select * from {{ ref('stability_alert_rules') }}
),

risk_ends as (
    select ceil(risk_min) as risk from rules where risk_min is not null
    union
    select floor(risk_max) + 1 as risk from rules where risk_max is not null
),

risks as (
    select risk from risk_ends
    union
    select coalesce(min(risk), 0) - 1 as risk from risk_ends
),

stability_ends as (
    select ceil(stability_min) as stability from rules where stability_min is not null
    union
    select floor(stability_max) + 1 as stability from rules where stability_max is not null
),

stabilities as (
    select stability from stability_ends
    union
    select coalesce(min(stability), 0) - 1 as stability from stability_ends
),

judged as (
    select
        risks.risk,
        stabilities.stability,
        rules.alert_level
    from risks
    cross join stabilities
    left join rules
        on coalesce(rules.risk_min <= risks.risk, true)
        and coalesce(rules.risk_max >= risks.risk, true)
        and coalesce(rules.stability_min <= stabilities.stability, true)
        and coalesce(rules.stability_max >= stabilities.stability, true)
)

select
    holes.risk,
    holes.stability,
    safer.risk as safer_risk,
    safer.stability as safer_stability,
    safer.alert_level as safer_alert_level
from judged as holes
inner join judged as safer
    on holes.risk >= safer.risk
    and holes.stability <= safer.stability
where holes.alert_level is null
    and safer.alert_level <> 'none'
