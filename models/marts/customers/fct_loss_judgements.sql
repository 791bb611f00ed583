with months as (

    select * from {{ ref('int_loss_months') }}

),

losses as (

    select * from {{ ref('int_loss_judgements') }}

)

select
    months.bill_month,
    months.subscriber_id,
    coalesce(losses.is_value_loss, false) as is_value_loss,
    coalesce(losses.is_quantity_loss, false) as is_quantity_loss,
    coalesce(losses.loss_rule_codes, '') as loss_rule_codes,
    coalesce(losses.is_fee_loss, false) as is_fee_loss,
    coalesce(losses.is_minutes_loss, false) as is_minutes_loss,
    coalesce(losses.is_calls_loss, false) as is_calls_loss,
    coalesce(losses.is_bundles_loss, false) as is_bundles_loss,
    coalesce(losses.is_new_service_fee_loss, false) as is_new_service_fee_loss,
    coalesce(losses.is_plan_downgrade_loss, false) as is_plan_downgrade_loss
from months
left join losses
    on months.subscriber_id = losses.subscriber_id
    and months.bill_month = losses.bill_month
