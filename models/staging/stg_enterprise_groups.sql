with versions as (

    {{ newest_version('enterprise_groups') }}

),

industries as (

    select industry_code from {{ ref('industries') }}

),

branches as (

    select branch_code from {{ ref('stg_branches') }}

),

managers as (

    select manager_id from {{ ref('stg_managers') }}

)

select
    versions.group_id,
    {{ masked_name('versions.group_name') }} as group_name_masked,
    industries.industry_code,
    versions.industry_code as delivered_industry_code,
    coalesce(versions.is_top_taxpayer, false) as is_top_taxpayer,
    versions.city_code,
    {{ known_code('versions.branch_code', 'branches.branch_code', 'branches') }} as branch_code,
    versions.branch_code as delivered_branch_code,
    {{ known_code('versions.manager_id', 'managers.manager_id', 'managers') }} as manager_id,
    versions.manager_id as delivered_manager_id,
    versions.profile_complete,
    versions.updated_at,
    versions.delivered_rows
from versions
left join industries on versions.industry_code = industries.industry_code
left join branches on versions.branch_code = branches.branch_code
left join managers on versions.manager_id = managers.manager_id
where versions.version_rank = 1
