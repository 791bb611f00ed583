with dates_to_build as (

    select * from {{ ref('int_dates_to_build') }}

),

enterprise_groups as (

    select * from {{ ref('int_groups') }}

),

members as (

    select * from {{ ref('int_group_members_at_date') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

status_periods as (

    select * from {{ ref('int_status_periods') }}

),

group_classes as (

    select * from {{ ref('group_classes') }}

),

industries as (

    select * from {{ ref('industries') }}

),

member_counts as (

    select
        members.as_of_date,
        members.group_id,
        count(*) as members
    from members
    inner join subscribers
        on members.subscriber_id = subscribers.subscriber_id
        and subscribers.activated_on <= members.as_of_date
    inner join status_periods
        on members.subscriber_id = status_periods.subscriber_id
        and status_periods.starts_on <= members.as_of_date
        and status_periods.ends_before > members.as_of_date
    -- Of all members, also those whose own observations are not built.
    where status_periods.status_category <> 'left'
    group by members.as_of_date, members.group_id

),

sized as (

    select
        dates_to_build.as_of_date,
        enterprise_groups.group_id,
        enterprise_groups.is_top_taxpayer,
        industries.min_class as industry_class,
        coalesce(member_counts.members, 0) as members
    from dates_to_build
    cross join enterprise_groups
    left join industries on enterprise_groups.industry_code = industries.industry_code
    left join member_counts
        on dates_to_build.as_of_date = member_counts.as_of_date
        and enterprise_groups.group_id = member_counts.group_id

),

-- Each reason for a class; the best one counts. A class with no minimum takes every group.
ranked as (

    select
        sized.as_of_date,
        sized.group_id,
        sized.members,
        group_classes.class_code,
        group_classes.rank,
        group_classes.is_target_key_person,
        row_number() over (
            partition by sized.as_of_date, sized.group_id order by group_classes.rank
        ) as best
    from sized
    inner join group_classes
        on sized.members >= coalesce(group_classes.min_members, 0)
        or sized.industry_class = group_classes.class_code
        or (sized.is_top_taxpayer and group_classes.class_code = {{ parameter('top_taxpayer_class', 'varchar') }})

)

select
    as_of_date,
    group_id,
    members,
    class_code as group_class,
    rank as group_class_rank,
    is_target_key_person
from ranked
where best = 1
