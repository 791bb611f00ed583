-- Known outcomes only, one row per kind of loss: a kind whose outcome is not known for a week has no row there.
with outcomes as (

    select * from {{ ref('int_outcomes_at_date') }}

),

by_kind as (

    select as_of_date, subscriber_id, outcome_until, 'quantity' as loss_kind, has_quantity_loss as is_lost from outcomes
    union all
    select as_of_date, subscriber_id, outcome_until, 'value' as loss_kind, has_value_loss as is_lost from outcomes
    union all
    select as_of_date, subscriber_id, outcome_until, 'any' as loss_kind, has_quantity_loss or has_value_loss as is_lost from outcomes
    where has_quantity_loss is not null and has_value_loss is not null

)

select
    as_of_date,
    subscriber_id,
    loss_kind,
    outcome_until,
    is_lost
from by_kind
where is_lost is not null
