with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

status_periods as (

    select * from {{ ref('int_status_periods') }}

),

entries as (

    select * from {{ ref('int_status_entries') }}

),

suspended_days as (

    -- Days of the week that lie in a suspended period, from activation on.
    select
        targets.as_of_date,
        targets.subscriber_id,
        sum({{ days_between(
            "greatest(status_periods.starts_on, targets.week_start_date, targets.activated_on)",
            "least(status_periods.ends_before, " ~ add_days('targets.as_of_date', 1) ~ ")"
        ) }}) as days
    from targets
    inner join status_periods
        on targets.subscriber_id = status_periods.subscriber_id
        and status_periods.status_category = 'suspended'
        and status_periods.starts_on <= targets.as_of_date
        and status_periods.ends_before > greatest(targets.week_start_date, targets.activated_on)
    group by targets.as_of_date, targets.subscriber_id

),

arrears_suspensions as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        count(*) as suspensions
    from targets
    inner join entries
        on targets.subscriber_id = entries.subscriber_id
        and entries.changed_on <= targets.as_of_date
        and entries.changed_on > {{ add_days('targets.as_of_date', -182) }}
    where entries.status_code = 'suspended_arrears'
    group by targets.as_of_date, targets.subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(suspended_days.days, 0) as integer) as suspended_days_7d,
    case when targets.status_category = 'closing' then 1 else 0 end as closing_status,
    cast(coalesce(arrears_suspensions.suspensions, 0) as integer) as arrears_suspensions_182d
from targets
left join suspended_days
    on targets.as_of_date = suspended_days.as_of_date
    and targets.subscriber_id = suspended_days.subscriber_id
left join arrears_suspensions
    on targets.as_of_date = arrears_suspensions.as_of_date
    and targets.subscriber_id = arrears_suspensions.subscriber_id
