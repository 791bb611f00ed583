with outcomes as (

    select * from {{ ref('int_outcomes_by_loss_kind') }}

),

-- Of younger weeks nothing is known yet, and they are not read.
judged_weeks as (

    select distinct as_of_date from outcomes

),

signals as (

    select * from {{ ref('signals') }} where as_of_date in (select as_of_date from judged_weeks)

),

final_levels as (

    select * from {{ ref('alert_levels_at_date') }} where as_of_date in (select as_of_date from judged_weeks)

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

alert_policy as (

    select * from {{ ref('alert_policy') }}

),

scores as (

    select * from {{ ref('scores_long') }} where as_of_date in (select as_of_date from judged_weeks)

),

scorecards as (

    select * from {{ ref('scorecards') }}

),

model_scopes as (

    select distinct model_scope from scores

),

said as (

    select as_of_date, subscriber_id, model_scope, 'alert_level' as signal, alert_level as signal_level from final_levels
    union all
    select as_of_date, subscriber_id, model_scope, 'stability' as signal, stability as signal_level from signals
    union all
    select as_of_date, subscriber_id, model_scope, 'early_warning' as signal, early_warning as signal_level from signals
    union all
    select as_of_date, subscriber_id, model_scope, 'traceback' as signal, traceback as signal_level from signals

),

signals_in_use as (

    select distinct signal from said

),

-- Every level that a signal can have, so that one that was never given has a row too.
possible_levels as (

    select 'alert_level' as signal, level_code as signal_level from alert_levels
    union
    select alert_policy.signal, alert_policy.signal_value as signal_level
    from alert_policy
    inner join signals_in_use on alert_policy.signal = signals_in_use.signal
    union
    select signal, signal_level from said

),

ranked_levels as (

    select
        possible_levels.signal,
        possible_levels.signal_level,
        coalesce(own_levels.severity, policy_levels.severity, 0) as severity
    from possible_levels
    left join alert_levels as own_levels on possible_levels.signal_level = own_levels.level_code
    left join alert_policy
        on possible_levels.signal = alert_policy.signal
        and possible_levels.signal_level = alert_policy.signal_value
    left join alert_levels as policy_levels on alert_policy.alert_level = policy_levels.level_code

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

level_counts as (

    select
        said.as_of_date,
        said.model_scope,
        said.signal,
        said.signal_level,
        outcomes.loss_kind,
        count(*) as observations,
        count(*) filter (where outcomes.is_lost) as losses
    from said
    inner join outcomes
        on said.as_of_date = outcomes.as_of_date
        and said.subscriber_id = outcomes.subscriber_id
    group by said.as_of_date, said.model_scope, said.signal, said.signal_level, outcomes.loss_kind

),

levels as (

    select
        targets.as_of_date,
        model_scopes.model_scope,
        ranked_levels.signal,
        ranked_levels.signal_level,
        ranked_levels.severity,
        targets.loss_kind,
        targets.outcome_until,
        targets.target_observations,
        targets.target_losses,
        coalesce(level_counts.observations, 0) as observations,
        coalesce(level_counts.losses, 0) as losses
    from targets
    cross join model_scopes
    cross join ranked_levels
    left join level_counts
        on targets.as_of_date = level_counts.as_of_date
        and targets.loss_kind = level_counts.loss_kind
        and model_scopes.model_scope = level_counts.model_scope
        and ranked_levels.signal = level_counts.signal
        and ranked_levels.signal_level = level_counts.signal_level

),

-- One row per score that occurs; the higher the riskiness, the sooner the line is expected to be lost.
score_counts as (

    select
        scores.as_of_date,
        scores.model_scope,
        scores.scorecard_code,
        outcomes.loss_kind,
        case when scorecards.direction = 'stability' then -scores.score else scores.score end as riskiness,
        count(*) as observations,
        count(*) filter (where outcomes.is_lost) as losses
    from scores
    inner join scorecards on scores.scorecard_code = scorecards.scorecard_code
    inner join outcomes
        on scores.as_of_date = outcomes.as_of_date
        and scores.subscriber_id = outcomes.subscriber_id
    group by
        scores.as_of_date,
        scores.model_scope,
        scores.scorecard_code,
        outcomes.loss_kind,
        case when scorecards.direction = 'stability' then -scores.score else scores.score end

),

cumulated as (

    select
        score_counts.*,
        sum(observations - losses) over below_and_equal - (observations - losses) as kept_below,
        sum(observations) over below_and_equal as observations_up_to,
        sum(observations) over everybody as all_observations
    from score_counts
    window
        everybody as (partition by as_of_date, model_scope, scorecard_code, loss_kind),
        below_and_equal as (
            partition by as_of_date, model_scope, scorecard_code, loss_kind
            order by riskiness
            rows between unbounded preceding and current row
        )

),

-- The tenth of the observations with the highest riskiness; of those who tie at its edge the share that still fits.
in_top_decile as (

    select
        cumulated.*,
        least(
            cast(observations as double),
            greatest(cast(all_observations as double) / 10 - cast(all_observations - observations_up_to as double), 0)
        ) as top_observations
    from cumulated

),

score_measures as (

    select
        as_of_date,
        model_scope,
        scorecard_code,
        loss_kind,
        -- Pairs of a lost and a kept line in which the lost one is the riskier; a tie counts half.
        sum(cast(losses as double) * (cast(kept_below as double) + cast(observations - losses as double) / 2)) as auc_ordered_pairs,
        sum(cast(losses as double)) * sum(cast(observations - losses as double)) as auc_pairs,
        {{ six_decimals('sum(top_observations)') }} as top_decile_observations,
        {{ six_decimals('sum(top_observations * cast(losses as double) / cast(observations as double))') }} as top_decile_losses
    from in_top_decile
    group by as_of_date, model_scope, scorecard_code, loss_kind

),

measured as (

    select
        as_of_date,
        model_scope,
        signal,
        signal_level,
        loss_kind,
        outcome_until,
        observations,
        losses,
        sum(observations) over at_or_above as observations_at_or_above,
        sum(losses) over at_or_above as losses_at_or_above,
        target_observations,
        target_losses,
        {{ share_of('losses', 'observations') }} as precision_share,
        {{ share_of('losses', 'target_losses') }} as recall_share,
        {{ share_of('cast(losses as double) * target_observations', 'cast(observations as double) * target_losses') }} as lift,
        cast(null as double) as auc_ordered_pairs,
        cast(null as double) as auc_pairs,
        cast(null as double) as top_decile_observations,
        cast(null as double) as top_decile_losses
    from levels
    window
        at_or_above as (
            partition by as_of_date, model_scope, signal, loss_kind
            order by severity desc
            range between unbounded preceding and current row
        )

    union all

    select
        targets.as_of_date,
        score_measures.model_scope,
        score_measures.scorecard_code as signal,
        '*' as signal_level,
        targets.loss_kind,
        targets.outcome_until,
        targets.target_observations as observations,
        targets.target_losses as losses,
        null as observations_at_or_above,
        null as losses_at_or_above,
        targets.target_observations,
        targets.target_losses,
        cast(null as double) as precision_share,
        cast(null as double) as recall_share,
        cast(null as double) as lift,
        score_measures.auc_ordered_pairs,
        score_measures.auc_pairs,
        score_measures.top_decile_observations,
        score_measures.top_decile_losses
    from targets
    inner join score_measures
        on targets.as_of_date = score_measures.as_of_date
        and targets.loss_kind = score_measures.loss_kind

)

select
    as_of_date,
    model_scope,
    signal,
    signal_level,
    loss_kind,
    outcome_until,
    cast(observations as bigint) as observations,
    cast(losses as bigint) as losses,
    cast(observations_at_or_above as bigint) as observations_at_or_above,
    cast(losses_at_or_above as bigint) as losses_at_or_above,
    cast(target_observations as bigint) as target_observations,
    cast(target_losses as bigint) as target_losses,
    precision_share,
    recall_share,
    {{ share_of('target_losses', 'target_observations') }} as base_rate,
    lift,
    auc_ordered_pairs,
    auc_pairs,
    {{ share_of('auc_ordered_pairs', 'auc_pairs') }} as auc,
    top_decile_observations,
    top_decile_losses,
    {{ share_of('top_decile_losses * target_observations', 'top_decile_observations * target_losses') }} as top_decile_lift
from measured
