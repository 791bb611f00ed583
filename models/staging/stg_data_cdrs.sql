{{ config(tags=['built_by_day']) }}
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
    delivered_rows,
    first_version_on,
    last_version_on
from versions
where version_rank = 1
    and is_accepted
