with branches as (

    select * from {{ ref('stg_branches') }}

),

managers as (

    select * from {{ ref('stg_managers') }}

),

manager_counts as (

    select
        branch_code,
        count(*) as managers
    from managers
    group by branch_code

)

select
    branches.branch_code,
    branches.branch_name,
    branches.city_code,
    branches.city_name,
    cast(coalesce(manager_counts.managers, 0) as integer) as managers
from branches
left join manager_counts on branches.branch_code = manager_counts.branch_code
