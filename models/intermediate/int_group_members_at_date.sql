-- Active memberships of known groups; two spells of one person in one group at a time count once.
with dates_to_build as (

    select * from {{ ref('int_dates_to_build') }}

),

members as (

    select * from {{ ref('stg_group_members') }}

),

enterprise_groups as (

    select * from {{ ref('int_groups') }}

)

select
    dates_to_build.as_of_date,
    members.group_id,
    members.subscriber_id,
    min(members.joined_on) as joined_on,
    max(case when members.member_role = 'key_person' then 1 else 0 end) = 1 as is_key_person
from dates_to_build
inner join members
    on members.joined_on <= dates_to_build.as_of_date
    and (members.left_on is null or members.left_on > dates_to_build.as_of_date)
inner join enterprise_groups on members.group_id = enterprise_groups.group_id
group by dates_to_build.as_of_date, members.group_id, members.subscriber_id
