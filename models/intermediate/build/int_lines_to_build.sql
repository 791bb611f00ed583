-- Lines of which something has changed since the last finished build, with the first date from which on their observations are built again.
with changed_facts as (

    select * from {{ ref('int_changed_facts') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

plan_periods as (

    select * from {{ ref('int_plan_periods') }}

),

devices as (

    select * from {{ ref('stg_devices') }}

),

members as (

    select * from {{ ref('stg_group_members') }}

),

earlier_lines as (

    select * from {{ source('last_build', 'earlier_lines') }}

),

earlier_dates as (

    select * from {{ source('last_build', 'earlier_dates') }}

),

built_dates as (

    select * from {{ source('last_build', 'built_dates') }}

),

changed as (

    select
        scope_type,
        scope_key,
        min(holds_from) as build_from
    from changed_facts
    group by scope_type, scope_key

),

-- The size of a group, and so the class of all its members, depends on which of its members have left.
changed_groups as (

    select
        scope_key as group_id,
        build_from
    from changed
    where scope_type = 'group'

    union all

    select
        members.group_id,
        changed.build_from
    from changed
    inner join members on changed.scope_key = members.subscriber_id
    where changed.scope_type = 'line'

),

-- A build that was broken off may have changed its lines in some tables and not in others.
unfinished as (

    select count(*) > 0 as is_unfinished
    from earlier_dates
    left join built_dates on earlier_dates.batch_id = built_dates.batch_id
    where built_dates.batch_id is null

),

lines as (

    select scope_key as subscriber_id, build_from from changed where scope_type = 'line'
    union all
    select members.subscriber_id, changed_groups.build_from
    from changed_groups
    inner join members on changed_groups.group_id = members.group_id
    union all
    select subscribers.subscriber_id, changed.build_from
    from changed
    inner join subscribers on changed.scope_key = subscribers.customer_id
    where changed.scope_type = 'customer'
    union all
    select subscribers.subscriber_id, changed.build_from
    from changed
    inner join customers on changed.scope_key = customers.branch_code
    inner join subscribers on customers.customer_id = subscribers.customer_id
    where changed.scope_type = 'branch'
    union all
    select plan_periods.subscriber_id, changed.build_from
    from changed
    inner join plan_periods on changed.scope_key = plan_periods.plan_code
    where changed.scope_type = 'plan'
    union all
    select devices.subscriber_id, changed.build_from
    from changed
    inner join devices on changed.scope_key = devices.device_model_code
    where changed.scope_type = 'device_model'
    union all
    select earlier_lines.subscriber_id, earlier_lines.build_from
    from earlier_lines
    cross join unfinished
    where unfinished.is_unfinished

)

select
    subscriber_id,
    min(build_from) as build_from
from lines
group by subscriber_id
