with versions as (

    {{ newest_version('service_subscriptions') }}

)

select
    subscriber_id,
    service_code,
    started_on,
    ended_on,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
