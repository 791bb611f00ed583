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

measured as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        coalesce(in_window.arrears_amount, 0) as arrears_amount,
        coalesce(in_window.arrears_months, 0) as arrears_months
    from targets
    left join in_window
        on targets.as_of_date = in_window.as_of_date
        and targets.subscriber_id = in_window.subscriber_id
        and in_window.newest = 1

)
{{ long_form('measured', ['arrears_amount', 'arrears_months']) }}
