-- Each target falls into one band of an indicator, or earns no points for it: observations and losses add up to those of all targets.
select
    as_of_date,
    model_scope,
    scorecard_code,
    indicator_code,
    loss_kind,
    sum(observations) as observations,
    max(target_observations) as target_observations,
    sum(losses) as losses,
    max(target_losses) as target_losses
from {{ ref('fct_band_backtest') }}
group by as_of_date, model_scope, scorecard_code, indicator_code, loss_kind
having sum(observations) <> max(target_observations)
    or sum(losses) <> max(target_losses)
    or min(losses) < 0
    or min(observations) < 0
