-- One row per member: the group that stands for the subscriber, and what all of the memberships together make of it.
with members as (

    select * from {{ ref('int_group_members_at_date') }}

),

classes as (

    select * from {{ ref('int_group_classes_at_date') }}

),

ranked as (

    select
        members.as_of_date,
        members.subscriber_id,
        members.group_id,
        classes.group_class,
        max(case when members.is_key_person then 1 else 0 end) over (
            partition by members.as_of_date, members.subscriber_id
        ) = 1 as is_key_person,
        max(case when members.is_key_person and classes.is_target_key_person then 1 else 0 end) over (
            partition by members.as_of_date, members.subscriber_id
        ) = 1 as is_target_key_person,
        row_number() over (
            partition by members.as_of_date, members.subscriber_id
            order by classes.group_class_rank, members.joined_on, members.group_id
        ) as choice
    from members
    left join classes
        on members.as_of_date = classes.as_of_date
        and members.group_id = classes.group_id

)

select
    as_of_date,
    subscriber_id,
    group_id,
    group_class,
    is_key_person,
    is_target_key_person
from ranked
where choice = 1
