with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

snapshots as (

    select * from {{ ref('stg_arrears_snapshots') }}

),

in_window as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        snapshots.arrears_amount,
        snapshots.arrears_months,
        row_number() over (
            partition by targets.as_of_date, targets.subscriber_id order by snapshots.snapshot_on desc
        ) as newest
    from targets
    inner join snapshots
        on targets.subscriber_id = snapshots.subscriber_id
        and snapshots.snapshot_on <= targets.as_of_date
        and snapshots.snapshot_on > {{ add_days('targets.as_of_date', '-' ~ parameter('arrears_max_age_days')) }}

),

newest as (

    select * from in_window where newest = 1

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(newest.arrears_amount, 0) as decimal(18, 2)) as arrears_amount,
    cast(coalesce(newest.arrears_months, 0) as integer) as arrears_months
from targets
left join newest
    on targets.as_of_date = newest.as_of_date
    and targets.subscriber_id = newest.subscriber_id
