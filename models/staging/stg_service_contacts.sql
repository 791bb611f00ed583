with versions as (

    {{ newest_version('service_contacts') }}

),

managers as (

    select manager_id from {{ ref('stg_managers') }}

)

select
    versions.contact_id,
    versions.subscriber_id,
    versions.contacted_at,
    cast(versions.contacted_at as date) as contacted_on,
    versions.channel,
    versions.purpose,
    versions.outcome_code,
    versions.churn_reason_code,
    {{ known_code('versions.manager_id', 'managers.manager_id', 'managers') }} as manager_id,
    versions.manager_id as delivered_manager_id,
    versions.updated_at,
    versions.delivered_rows
from versions
left join managers on versions.manager_id = managers.manager_id
where versions.version_rank = 1
