-- The groups that a membership can be of. Where the table of groups is declared absent, the group ids of the memberships stand as delivered.
with enterprise_groups as (

    select * from {{ ref('stg_enterprise_groups') }}

),

members as (

    select * from {{ ref('stg_group_members') }}

),

feeds as (

    select * from {{ ref('int_feeds') }}

)

select
    group_id,
    industry_code,
    is_top_taxpayer
from enterprise_groups

union all

select distinct
    members.group_id,
    cast(null as {{ engine_type('varchar') }}) as industry_code,
    false as is_top_taxpayer
from members
inner join feeds on feeds.table_name = 'enterprise_groups'
where not feeds.is_provided
