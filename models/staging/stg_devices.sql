with versions as (

    {{ newest_version('devices') }}

),

device_models as (

    select device_model_code from {{ ref('stg_device_models') }}

)

select
    versions.subscriber_id,
    {{ known_code('versions.device_model_code', 'device_models.device_model_code', 'device_models') }} as device_model_code,
    versions.device_model_code as delivered_device_model_code,
    versions.first_seen_on,
    versions.delivered_rows
from versions
left join device_models on versions.device_model_code = device_models.device_model_code
where versions.version_rank = 1
