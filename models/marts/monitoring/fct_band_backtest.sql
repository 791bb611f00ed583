with outcomes as (

    select * from {{ ref('int_outcomes_by_loss_kind') }}

),

contributions as (

    select * from {{ ref('fct_alert_contributions') }}

),

scorecards as (

    select * from {{ ref('scorecards') }}

),

scorecard_indicators as (

    select * from {{ ref('scorecard_indicators') }}

),

model_scopes as (

    select distinct model_scope from {{ ref('scores_long') }}

),

targets as (

    select
        as_of_date,
        loss_kind,
        outcome_until,
        count(*) as target_observations,
        count(*) filter (where is_lost) as target_losses
    from outcomes
    group by as_of_date, loss_kind, outcome_until

),

band_counts as (

    select
        contributions.as_of_date,
        contributions.model_scope,
        contributions.scorecard_code,
        contributions.indicator_code,
        contributions.scope_type,
        contributions.scope_code,
        case when contributions.indicator_value is null then 'missing' else 'value' end as band_kind,
        contributions.lower_bound,
        contributions.upper_bound,
        contributions.points,
        outcomes.loss_kind,
        count(*) as observations,
        count(*) filter (where outcomes.is_lost) as losses
    from contributions
    inner join outcomes
        on contributions.as_of_date = outcomes.as_of_date
        and contributions.subscriber_id = outcomes.subscriber_id
    group by
        contributions.as_of_date,
        contributions.model_scope,
        contributions.scorecard_code,
        contributions.indicator_code,
        contributions.scope_type,
        contributions.scope_code,
        case when contributions.indicator_value is null then 'missing' else 'value' end,
        contributions.lower_bound,
        contributions.upper_bound,
        contributions.points,
        outcomes.loss_kind

),

hit_counts as (

    select
        as_of_date,
        model_scope,
        scorecard_code,
        indicator_code,
        loss_kind,
        sum(observations) as observations,
        sum(losses) as losses
    from band_counts
    group by as_of_date, model_scope, scorecard_code, indicator_code, loss_kind

),

-- Everybody else: lines whose value earned no points.
no_points as (

    select
        targets.as_of_date,
        model_scopes.model_scope,
        scorecard_indicators.scorecard_code,
        scorecard_indicators.indicator_code,
        '*' as scope_type,
        '*' as scope_code,
        'no_points' as band_kind,
        cast(null as double) as lower_bound,
        cast(null as double) as upper_bound,
        0 as points,
        targets.loss_kind,
        targets.target_observations - coalesce(hit_counts.observations, 0) as observations,
        targets.target_losses - coalesce(hit_counts.losses, 0) as losses
    from targets
    cross join model_scopes
    cross join scorecard_indicators
    left join hit_counts
        on targets.as_of_date = hit_counts.as_of_date
        and targets.loss_kind = hit_counts.loss_kind
        and model_scopes.model_scope = hit_counts.model_scope
        and scorecard_indicators.scorecard_code = hit_counts.scorecard_code
        and scorecard_indicators.indicator_code = hit_counts.indicator_code

),

bands as (

    select * from band_counts
    union all
    select * from no_points

)

select
    bands.as_of_date,
    bands.model_scope,
    bands.scorecard_code,
    scorecards.direction,
    bands.indicator_code,
    bands.scope_type,
    bands.scope_code,
    bands.band_kind,
    bands.lower_bound,
    bands.upper_bound,
    bands.loss_kind,
    targets.outcome_until,
    cast(bands.points as integer) as points,
    cast(bands.observations as bigint) as observations,
    cast(bands.losses as bigint) as losses,
    cast(targets.target_observations as bigint) as target_observations,
    cast(targets.target_losses as bigint) as target_losses,
    {{ share_of('bands.losses', 'bands.observations') }} as loss_share,
    {{ share_of('targets.target_losses', 'targets.target_observations') }} as base_rate,
    {{ share_of('cast(bands.losses as double) * targets.target_observations', 'cast(bands.observations as double) * targets.target_losses') }} as lift
from bands
inner join targets
    on bands.as_of_date = targets.as_of_date
    and bands.loss_kind = targets.loss_kind
inner join scorecards on bands.scorecard_code = scorecards.scorecard_code
