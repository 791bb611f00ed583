with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

measured as (

    select
        as_of_date,
        subscriber_id,
        {{ days_between('activated_on', 'as_of_date') }} as tenure_days,
        case when customer_class = 'individual' then 0 else 1 end as group_member
    from targets

)
{{ long_form('measured', ['tenure_days', 'group_member']) }}
