-- Nobody is counted twice or left out: over the levels of a signal, observations and losses add up to those of all targets, and recall to 1.
select
    as_of_date,
    model_scope,
    signal,
    loss_kind,
    sum(observations) as observations,
    max(target_observations) as target_observations,
    sum(losses) as losses,
    max(target_losses) as target_losses,
    sum(recall_share) as recall_share
from {{ ref('fct_alert_backtest') }}
group by as_of_date, model_scope, signal, loss_kind
having sum(observations) <> max(target_observations)
    or sum(losses) <> max(target_losses)
    or min(target_observations) <> max(target_observations)
    or min(target_losses) <> max(target_losses)
    or abs(sum(recall_share) - 1) > 0.00001
