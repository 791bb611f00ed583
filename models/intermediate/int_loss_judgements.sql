-- Each rule of the monthly loss judgement as a boolean; a rule whose inputs are not known is false, and so is one that seed loss_rules does not have.
with months as (

    select * from {{ ref('int_loss_months') }}

),

run as (

    select * from {{ ref('int_run') }}

),

loss_rules as (

    select * from {{ ref('loss_rules') }}

),

declines as (

    select * from {{ ref('int_monthly_declines') }}

),

bundles as (

    select * from {{ ref('int_monthly_bundles') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

plan_changes as (

    select * from {{ ref('stg_plan_changes') }}

),

plans as (

    select * from {{ ref('stg_plans') }}

),

status_entries as (

    select * from {{ ref('int_status_entries') }}

),

-- fee, minutes and calls: well below the mean of the months before, while the declining measure of the rule has fallen often enough in a row.
decline_losses as (

    select
        months.subscriber_id,
        months.bill_month,
        loss_rules.rule_code
    from months
    inner join declines
        on months.subscriber_id = declines.subscriber_id
        and months.bill_month = declines.measure_month
    inner join loss_rules
        on declines.measure = loss_rules.rule_code
    left join declines as declining
        on months.subscriber_id = declining.subscriber_id
        and months.bill_month = declining.measure_month
        and loss_rules.declining_measure = declining.measure
    where {{ six_decimals('declines.measure_value') }} < {{ six_decimals('loss_rules.threshold * declines.mean_before') }}
        and (loss_rules.declining_measure is null or declining.falls_in_a_row >= coalesce(loss_rules.declining_months, 0))

),

bundle_losses as (

    select
        bundles.subscriber_id,
        bundles.bill_month,
        loss_rules.rule_code
    from bundles
    inner join loss_rules on loss_rules.rule_code = 'bundles'
    where {{ drop_of('bundles.bundles_now', 'bundles.bundles_before') }} >= loss_rules.threshold

),

known_bills as (

    select bills.*
    from bills
    inner join run on bills.issued_on <= run.as_of_date

),

new_service_fee_losses as (

    select
        months.subscriber_id,
        months.bill_month,
        loss_rules.rule_code
    from months
    inner join known_bills as bills_now
        on months.subscriber_id = bills_now.subscriber_id
        and months.bill_month = bills_now.bill_month
    inner join known_bills as bills_before
        on months.subscriber_id = bills_before.subscriber_id
        and {{ plus_months('months.bill_month', -1) }} = bills_before.bill_month
    inner join loss_rules on loss_rules.rule_code = 'new_service_fee'
    where {{ drop_of('cast(bills_now.new_service_fee as decimal(38, 2)) * 100', 'cast(bills_before.new_service_fee as decimal(38, 2)) * 100') }} >= loss_rules.threshold

),

plan_downgrade_losses as (

    select distinct
        plan_changes.subscriber_id,
        {{ month_start('plan_changes.changed_on') }} as bill_month,
        loss_rules.rule_code
    from plan_changes
    inner join plans as from_plans on plan_changes.from_plan_code = from_plans.plan_code
    inner join plans as to_plans on plan_changes.to_plan_code = to_plans.plan_code
    inner join loss_rules on loss_rules.rule_code = 'plan_downgrade'
    where to_plans.monthly_fee < from_plans.monthly_fee

),

quantity_losses as (

    select distinct
        status_entries.subscriber_id,
        {{ month_start('status_entries.changed_on') }} as bill_month,
        loss_rules.rule_code
    from status_entries
    inner join loss_rules on loss_rules.rule_code = 'quantity'
    where status_entries.is_quantity_loss

),

losses as (

    select subscriber_id, bill_month, rule_code from decline_losses
    union all
    select subscriber_id, bill_month, rule_code from bundle_losses
    union all
    select subscriber_id, bill_month, rule_code from new_service_fee_losses
    union all
    select subscriber_id, bill_month, rule_code from plan_downgrade_losses
    union all
    select subscriber_id, bill_month, rule_code from quantity_losses

)

select
    months.bill_month,
    months.subscriber_id,
    coalesce(max(case when losses.rule_code <> 'quantity' then 1 end), 0) = 1 as is_value_loss,
    coalesce(max(case when losses.rule_code = 'quantity' then 1 end), 0) = 1 as is_quantity_loss,
    coalesce({{ ordered_list('losses.rule_code', ',', 'losses.rule_code') }}, '') as loss_rule_codes,
    coalesce(max(case when losses.rule_code = 'fee' then 1 end), 0) = 1 as is_fee_loss,
    coalesce(max(case when losses.rule_code = 'minutes' then 1 end), 0) = 1 as is_minutes_loss,
    coalesce(max(case when losses.rule_code = 'calls' then 1 end), 0) = 1 as is_calls_loss,
    coalesce(max(case when losses.rule_code = 'bundles' then 1 end), 0) = 1 as is_bundles_loss,
    coalesce(max(case when losses.rule_code = 'new_service_fee' then 1 end), 0) = 1 as is_new_service_fee_loss,
    coalesce(max(case when losses.rule_code = 'plan_downgrade' then 1 end), 0) = 1 as is_plan_downgrade_loss
from months
left join losses
    on months.subscriber_id = losses.subscriber_id
    and months.bill_month = losses.bill_month
group by months.bill_month, months.subscriber_id
