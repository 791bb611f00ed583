with versions as (

    {{ newest_version('subscribers') }}

),

plans as (

    select plan_code from {{ ref('stg_plans') }}

)

select
    versions.subscriber_id,
    versions.customer_id,
    versions.account_id,
    {{ masked_number('versions.msisdn') }} as msisdn_masked,
    {{ keyed_hash(national_number('versions.msisdn')) }} as msisdn_hash,
    versions.brand_code,
    {{ known_code('versions.plan_code', 'plans.plan_code', 'plans') }} as plan_code,
    versions.plan_code as delivered_plan_code,
    versions.activated_on,
    versions.updated_at,
    versions.delivered_rows
from versions
left join plans on versions.plan_code = plans.plan_code
where versions.version_rank = 1
