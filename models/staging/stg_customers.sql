with versions as (

    {{ newest_version('customers') }}

),

branches as (

    select branch_code from {{ ref('stg_branches') }}

),

managers as (

    select manager_id from {{ ref('stg_managers') }}

)

select
    versions.customer_id,
    versions.customer_type,
    {{ masked_name('versions.customer_name') }} as customer_name_masked,
    versions.gender,
    versions.birth_date,
    {{ keyed_hash('versions.contact_phone') }} as contact_phone_hash,
    {{ keyed_hash('versions.address') }} as address_hash,
    {{ keyed_hash('versions.certificate_no') }} as certificate_no_hash,
    versions.certificate_verified,
    versions.city_code,
    {{ known_code('versions.branch_code', 'branches.branch_code', 'branches') }} as branch_code,
    versions.branch_code as delivered_branch_code,
    {{ known_code('versions.manager_id', 'managers.manager_id', 'managers') }} as manager_id,
    versions.manager_id as delivered_manager_id,
    versions.created_at,
    versions.updated_at,
    versions.delivered_rows
from versions
left join branches on versions.branch_code = branches.branch_code
left join managers on versions.manager_id = managers.manager_id
where versions.version_rank = 1
