with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

enterprise_groups as (

    select * from {{ ref('int_groups') }}

),

members as (

    select * from {{ ref('int_group_members_at_date') }}

),

observations as (

    select * from {{ ref('int_activated_subscribers') }}

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
    inner join observations
        on members.as_of_date = observations.as_of_date
        and members.subscriber_id = observations.subscriber_id
    where observations.status_category <> 'left'
    group by members.as_of_date, members.group_id

),

sized as (

    select
        as_of_dates.as_of_date,
        enterprise_groups.group_id,
        enterprise_groups.is_top_taxpayer,
        industries.min_class as industry_class,
        coalesce(member_counts.members, 0) as members
    from as_of_dates
    cross join enterprise_groups
    left join industries on enterprise_groups.industry_code = industries.industry_code
    left join member_counts
        on as_of_dates.as_of_date = member_counts.as_of_date
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
