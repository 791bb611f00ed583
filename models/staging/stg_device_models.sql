with versions as (

    {{ newest_version('device_models') }}

)

select
    device_model_code,
    brand,
    price_tier,
    is_dual_sim,
    customised_for,
    delivered_rows
from versions
where version_rank = 1
