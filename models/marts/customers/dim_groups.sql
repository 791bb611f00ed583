-- Every enterprise group with its class and size at the date of the run.
with run as (

    select * from {{ ref('int_run') }}

),

enterprise_groups as (

    select * from {{ ref('stg_enterprise_groups') }}

),

classes as (

    select * from {{ ref('int_group_classes_at_date') }}

),

current_classes as (

    select classes.*
    from classes
    inner join run on classes.as_of_date = run.as_of_date

)

select
    enterprise_groups.group_id,
    enterprise_groups.group_name_masked,
    enterprise_groups.industry_code,
    enterprise_groups.is_top_taxpayer,
    enterprise_groups.city_code,
    enterprise_groups.branch_code,
    enterprise_groups.manager_id,
    enterprise_groups.profile_complete,
    current_classes.group_class,
    cast(current_classes.members as integer) as members
from enterprise_groups
left join current_classes on enterprise_groups.group_id = current_classes.group_id
