-- Active memberships of known groups; two spells of one person in one group at a time count once.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

members as (

    select * from {{ ref('stg_group_members') }}

),

enterprise_groups as (

    select * from {{ ref('int_groups') }}

)

select
    as_of_dates.as_of_date,
    members.group_id,
    members.subscriber_id,
    min(members.joined_on) as joined_on,
    max(case when members.member_role = 'key_person' then 1 else 0 end) = 1 as is_key_person
from as_of_dates
inner join members
    on members.joined_on <= as_of_dates.as_of_date
    and (members.left_on is null or members.left_on > as_of_dates.as_of_date)
inner join enterprise_groups on members.group_id = enterprise_groups.group_id
group by as_of_dates.as_of_date, members.group_id, members.subscriber_id
