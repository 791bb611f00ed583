with versions as (

    {{ newest_version('subscriber_status_events') }}

)

select
    subscriber_id,
    status_code,
    changed_at,
    cast(changed_at as date) as changed_on,
    delivered_rows
from versions
where version_rank = 1
