with versions as (

    {{ newest_version('plan_changes') }}

),

from_plans as (

    select plan_code from {{ ref('stg_plans') }}

),

to_plans as (

    select plan_code from {{ ref('stg_plans') }}

)

select
    versions.subscriber_id,
    versions.changed_at,
    cast(versions.changed_at as date) as changed_on,
    {{ known_code('versions.from_plan_code', 'from_plans.plan_code', 'plans') }} as from_plan_code,
    versions.from_plan_code as delivered_from_plan_code,
    {{ known_code('versions.to_plan_code', 'to_plans.plan_code', 'plans') }} as to_plan_code,
    versions.to_plan_code as delivered_to_plan_code,
    versions.delivered_rows
from versions
left join from_plans on versions.from_plan_code = from_plans.plan_code
left join to_plans on versions.to_plan_code = to_plans.plan_code
where versions.version_rank = 1
