-- Some combination of points reaches each alert threshold, in the base model and wherever a branch or city has rows of
-- its own, and some combination reaches the scores that a stability rule begins with: otherwise nobody could ever be
-- alerted by them. Points are those of the day on which the scorecard's newest row begins.
-- To mend it: lower the threshold or the score, or raise points in scorecard_bands.
with bands as (
    select
        *,
        max(valid_from) over (partition by scorecard_code) as newest_day
    from {{ ref('scorecard_bands') }}
),

valid_bands as (
    select *
    from bands
    where coalesce(valid_to >= newest_day, true)
),

scopes as (
    select distinct
        scorecard_code,
        scope_type,
        scope_code
    from valid_bands
    union
    select distinct
        scorecard_code,
        'base' as scope_type,
        '*' as scope_code
    from valid_bands
),

-- A branch or city keeps the best points of the others where it has no row of its own.
best_points as (
    select
        scopes.scorecard_code,
        scopes.scope_type,
        scopes.scope_code,
        valid_bands.indicator_code,
        max(case when valid_bands.scope_type = scopes.scope_type and valid_bands.scope_code = scopes.scope_code then valid_bands.points end)
            as own_points,
        max(valid_bands.points) as highest_points
    from scopes
    inner join valid_bands
        on scopes.scorecard_code = valid_bands.scorecard_code
        and (
            valid_bands.scope_type = 'base'
            or (valid_bands.scope_type = scopes.scope_type and valid_bands.scope_code = scopes.scope_code)
            or (valid_bands.scope_type = 'city' and scopes.scope_type = 'branch')
        )
    group by scopes.scorecard_code, scopes.scope_type, scopes.scope_code, valid_bands.indicator_code
),

family_points as (
    select
        best_points.scorecard_code,
        best_points.scope_type,
        best_points.scope_code,
        case
            when families.family_rule = 'max' then max(greatest(coalesce(best_points.own_points, best_points.highest_points), 0))
            else sum(greatest(coalesce(best_points.own_points, best_points.highest_points), 0))
        end as points
    from best_points
    inner join {{ ref('scorecard_indicators') }} as scorecard_indicators
        on best_points.scorecard_code = scorecard_indicators.scorecard_code
        and best_points.indicator_code = scorecard_indicators.indicator_code
    inner join {{ ref('indicator_families') }} as families
        on scorecard_indicators.scorecard_code = families.scorecard_code
        and scorecard_indicators.family_code = families.family_code
    group by best_points.scorecard_code, best_points.scope_type, best_points.scope_code, families.family_code, families.family_rule
),

highest_totals as (
    select
        scorecard_code,
        scope_type,
        scope_code,
        sum(points) as highest_total
    from family_points
    group by scorecard_code, scope_type, scope_code
),

highest_of_all as (
    select
        scorecard_code,
        max(highest_total) as highest_total
    from highest_totals
    group by scorecard_code
),

needed_scores as (
    select
        'core_risk' as scorecard_code,
        risk_min as needed_score
    from {{ ref('stability_alert_rules') }}
    union all
    select
        'core_stability' as scorecard_code,
        stability_min as needed_score
    from {{ ref('stability_alert_rules') }}
)

select
    scorecards.scorecard_code,
    highest_totals.scope_type,
    highest_totals.scope_code,
    scorecards.alert_threshold as needed_score,
    highest_totals.highest_total
from {{ ref('scorecards') }} as scorecards
inner join highest_totals on scorecards.scorecard_code = highest_totals.scorecard_code
where scorecards.alert_threshold > highest_totals.highest_total
union all
select
    needed_scores.scorecard_code,
    'any' as scope_type,
    '*' as scope_code,
    needed_scores.needed_score,
    highest_of_all.highest_total
from needed_scores
inner join highest_of_all on needed_scores.scorecard_code = highest_of_all.scorecard_code
where needed_scores.needed_score > highest_of_all.highest_total
