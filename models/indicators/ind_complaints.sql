with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

complaints as (

    select * from {{ ref('stg_complaints') }}

),

opened as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        {{ days_between('complaints.opened_on', 'targets.as_of_date') }} as days_ago,
        complaints.severity,
        complaints.fault_level,
        -- What is due, or answered, at midnight after the date is not yet so on the date.
        complaints.due_at < cast({{ add_days('targets.as_of_date', 1) }} as timestamp)
        and (complaints.answered_at is null or complaints.answered_at >= cast({{ add_days('targets.as_of_date', 1) }} as timestamp)) as is_overdue
    from targets
    inner join complaints
        on targets.subscriber_id = complaints.subscriber_id
        and complaints.opened_on <= targets.as_of_date

),

counted as (

    select
        as_of_date,
        subscriber_id,
        count(*) filter (where days_ago < 7) as complaints_7d,
        count(*) filter (where days_ago < 28) as complaints_28d,
        count(*) filter (where days_ago < 91) as complaints_91d,
        count(*) filter (where days_ago < 7 and severity = 'severe') as severe_complaints_7d,
        count(*) filter (where days_ago < 28 and severity = 'severe') as severe_complaints_28d,
        count(*) filter (where days_ago < {{ parameter('overdue_window_days') }} and is_overdue) as overdue_complaints,
        max(fault_level) filter (where days_ago < 91) as max_fault_level_91d
    from opened
    group by as_of_date, subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(counted.complaints_7d, 0) as integer) as complaints_7d,
    cast(coalesce(counted.complaints_28d, 0) as integer) as complaints_28d,
    cast(coalesce(counted.complaints_91d, 0) as integer) as complaints_91d,
    cast(coalesce(counted.severe_complaints_7d, 0) as integer) as severe_complaints_7d,
    cast(coalesce(counted.severe_complaints_28d, 0) as integer) as severe_complaints_28d,
    cast(coalesce(counted.overdue_complaints, 0) as integer) as overdue_complaints,
    cast(coalesce(counted.max_fault_level_91d, 0) as integer) as max_fault_level_91d
from targets
left join counted
    on targets.as_of_date = counted.as_of_date
    and targets.subscriber_id = counted.subscriber_id
