with versions as (

    {{ newest_version('complaints') }}

)

select
    complaint_id,
    subscriber_id,
    opened_at,
    cast(opened_at as date) as opened_on,
    severity,
    fault_level,
    due_at,
    answered_at,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
