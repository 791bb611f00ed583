{{ config(materialized='view') }}
-- A view: of most dates few lines are kept (int_observations_to_build).
with observations as (

    select * from {{ ref('int_activated_subscribers') }}

),

bills as (

    select * from {{ ref('int_bill_periods') }}

),

plan_periods as (

    select * from {{ ref('int_plan_periods') }}

),

plans as (

    select * from {{ ref('stg_plans') }}

),

value_tiers as (

    select * from {{ ref('value_tiers') }}

),

tier_bounds as (

    select
        tier_code,
        is_target,
        min_arpu,
        lead(min_arpu) over (order by min_arpu nulls first) as next_min_arpu
    from value_tiers

),

lowest_tier as (

    select
        tier_code,
        is_target,
        row_number() over (order by rank desc) as from_below
    from value_tiers

),

with_arpu as (

    select
        observations.as_of_date,
        observations.subscriber_id,
        observations.status_code,
        observations.status_category,
        plan_periods.plan_code,
        case
            -- In whole fen, so that the half is exact before it is rounded away from zero. The largest amount there is would round up to one too many.
            when bills.bills_3m > 0
                then cast(least(round(cast(bills.total_fen_3m as double) / nullif(bills.bills_3m, 0)) / 100, 9999999999999998) as decimal(18, 2))
            else cast(plans.monthly_fee as decimal(18, 2))
        end as arpu_3m,
        coalesce(bills.bills_3m, 0) = 0 as is_arpu_from_plan
    from observations
    left join bills
        on observations.subscriber_id = bills.subscriber_id
        and observations.as_of_date >= bills.first_date
        and observations.as_of_date <= bills.last_date
    left join plan_periods
        on observations.subscriber_id = plan_periods.subscriber_id
        and plan_periods.starts_on <= observations.as_of_date
        and plan_periods.ends_before > observations.as_of_date
    left join plans on plan_periods.plan_code = plans.plan_code

)

select
    with_arpu.as_of_date,
    with_arpu.subscriber_id,
    with_arpu.status_code,
    with_arpu.status_category,
    with_arpu.plan_code,
    with_arpu.arpu_3m,
    with_arpu.is_arpu_from_plan,
    coalesce(tier_bounds.tier_code, lowest_tier.tier_code) as value_tier,
    coalesce(tier_bounds.is_target, lowest_tier.is_target) as is_target_tier
from with_arpu
cross join lowest_tier
left join tier_bounds
    on (tier_bounds.min_arpu is null or cast(with_arpu.arpu_3m as double) >= tier_bounds.min_arpu)
    and (tier_bounds.next_min_arpu is null or cast(with_arpu.arpu_3m as double) < tier_bounds.next_min_arpu)
    and with_arpu.arpu_3m is not null
where lowest_tier.from_below = 1
