with judgements as (

    select * from {{ ref('int_loss_judgements') }}

)

select
    bill_month,
    subscriber_id,
    is_value_loss,
    is_quantity_loss,
    loss_rule_codes,
    is_fee_loss,
    is_minutes_loss,
    is_calls_loss,
    is_bundles_loss,
    is_new_service_fee_loss,
    is_plan_downgrade_loss
from judgements
