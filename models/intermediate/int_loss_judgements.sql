-- Most judged months have no loss: only those that have one are rows here. A rule whose inputs are not known does not hold, and neither does one that seed
-- loss_rules does not have.
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

-- Months in which the declining measure of a rule has fallen often enough in a row; a rule without one looks at all months.
declining_months as (

    select
        declines.subscriber_id,
        declines.measure_month,
        loss_rules.rule_code,
        loss_rules.threshold
    from declines
    inner join loss_rules
        on declines.measure = loss_rules.declining_measure
        and declines.falls_in_a_row >= coalesce(loss_rules.declining_months, 0)

    union all

    select
        declines.subscriber_id,
        declines.measure_month,
        loss_rules.rule_code,
        loss_rules.threshold
    from declines
    inner join loss_rules on declines.measure = loss_rules.rule_code
    where loss_rules.declining_measure is null

),

-- fee, minutes and calls: well below the mean of the months before.
decline_losses as (

    select
        declining_months.subscriber_id,
        declining_months.measure_month as bill_month,
        declining_months.rule_code
    from declining_months
    inner join declines
        on declining_months.subscriber_id = declines.subscriber_id
        and declining_months.measure_month = declines.measure_month
        and declining_months.rule_code = declines.measure
    where {{ six_decimals('declines.measure_value') }} < {{ six_decimals('declining_months.threshold * declines.mean_before') }}

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

    select
        bills.subscriber_id,
        bills.bill_month,
        bills.new_service_fee
    from bills
    inner join run on bills.issued_on <= run.as_of_date

),

new_service_fee_losses as (

    select
        bills_now.subscriber_id,
        bills_now.bill_month,
        loss_rules.rule_code
    from known_bills as bills_now
    inner join known_bills as bills_before
        on bills_now.subscriber_id = bills_before.subscriber_id
        and {{ plus_months('bills_now.bill_month', -1) }} = bills_before.bill_month
        -- Most bills have none, and nothing falls from 0.
        and bills_before.new_service_fee <> 0
    inner join loss_rules on loss_rules.rule_code = 'new_service_fee'
    where {{ drop_of('round(cast(bills_now.new_service_fee as double) * 100)', 'round(cast(bills_before.new_service_fee as double) * 100)') }} >= loss_rules.threshold

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

),

losses_by_month as (

    select
        subscriber_id,
        bill_month,
        max(case when rule_code <> 'quantity' then 1 else 0 end) = 1 as is_value_loss,
        max(case when rule_code = 'quantity' then 1 else 0 end) = 1 as is_quantity_loss,
        {{ ordered_list('rule_code', ',', 'rule_code') }} as loss_rule_codes,
        max(case when rule_code = 'fee' then 1 else 0 end) = 1 as is_fee_loss,
        max(case when rule_code = 'minutes' then 1 else 0 end) = 1 as is_minutes_loss,
        max(case when rule_code = 'calls' then 1 else 0 end) = 1 as is_calls_loss,
        max(case when rule_code = 'bundles' then 1 else 0 end) = 1 as is_bundles_loss,
        max(case when rule_code = 'new_service_fee' then 1 else 0 end) = 1 as is_new_service_fee_loss,
        max(case when rule_code = 'plan_downgrade' then 1 else 0 end) = 1 as is_plan_downgrade_loss
    from losses
    group by subscriber_id, bill_month

)

select
    losses_by_month.bill_month,
    losses_by_month.subscriber_id,
    losses_by_month.is_value_loss,
    losses_by_month.is_quantity_loss,
    losses_by_month.loss_rule_codes,
    losses_by_month.is_fee_loss,
    losses_by_month.is_minutes_loss,
    losses_by_month.is_calls_loss,
    losses_by_month.is_bundles_loss,
    losses_by_month.is_new_service_fee_loss,
    losses_by_month.is_plan_downgrade_loss
from losses_by_month
inner join months
    on losses_by_month.subscriber_id = months.subscriber_id
    and losses_by_month.bill_month = months.bill_month
