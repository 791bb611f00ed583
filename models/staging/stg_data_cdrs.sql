with versions as (

    {{ newest_version('data_cdrs') }}

)

select
    cdr_id,
    subscriber_id,
    started_at,
    cast(started_at as date) as usage_date,
    bytes_total,
    fee,
    delivered_rows
from versions
where version_rank = 1
