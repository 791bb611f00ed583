with versions as (

    {{ newest_version('managers') }}

),

branches as (

    select branch_code from {{ ref('stg_branches') }}

)

select
    versions.manager_id,
    {{ masked_name('versions.manager_name') }} as manager_name_masked,
    {{ known_code('versions.branch_code', 'branches.branch_code', 'branches') }} as branch_code,
    versions.branch_code as delivered_branch_code,
    versions.delivered_rows
from versions
left join branches on versions.branch_code = branches.branch_code
where versions.version_rank = 1
