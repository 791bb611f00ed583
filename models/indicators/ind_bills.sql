with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

bills as (

    select * from {{ ref('int_bill_periods') }}

),

measured as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        case
            when bills.bills_3m > 0 and bills.total_fen_6m > 0
                then {{ share_of('cast(bills.total_fen_3m as double) * bills.bills_6m', 'cast(bills.total_fen_6m as double) * bills.bills_3m') }}
        end as fee_ratio_3m_6m,
        case
            when bills.bills_4m = 4
                then {{ drop_of('bills.new_service_fen_m1_m2', 'bills.new_service_fen_m3_m4') }}
        end as new_service_fee_drop_2m,
        coalesce(bills.bills_4m, 0) = 4 as has_all_bills
    from targets
    left join bills
        on targets.subscriber_id = bills.subscriber_id
        and targets.as_of_date >= bills.first_date
        and targets.as_of_date <= bills.last_date

)

select
    as_of_date,
    subscriber_id,
    fee_ratio_3m_6m,
    new_service_fee_drop_2m,
    case when new_service_fee_drop_2m is null and has_all_bills then 'nothing_to_compare' end as new_service_fee_drop_unknown_because
from measured
