with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

contracts as (

    select * from {{ ref('stg_contracts') }}

),

running as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        contracts.contract_type,
        {{ days_between('targets.as_of_date', 'contracts.ends_on') }} as days_left
    from targets
    inner join contracts
        on targets.subscriber_id = contracts.subscriber_id
        and contracts.starts_on <= targets.as_of_date
        and contracts.ends_on >= targets.as_of_date

),

summed as (

    select
        as_of_date,
        subscriber_id,
        max(days_left) as contract_days_left,
        max(days_left) filter (where contract_type = 'fee_amortisation') as amortisation_days_left,
        count(*) filter (
            where contract_type in ('handset_lease', 'business') and days_left <= {{ parameter('expiry_horizon_days') }}
        ) as expiring_contracts_30d
    from running
    group by as_of_date, subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(summed.contract_days_left, 0) as integer) as contract_days_left,
    cast(coalesce(summed.amortisation_days_left, 0) as integer) as amortisation_days_left,
    cast(coalesce(summed.expiring_contracts_30d, 0) as integer) as expiring_contracts_30d
from targets
left join summed
    on targets.as_of_date = summed.as_of_date
    and targets.subscriber_id = summed.subscriber_id
