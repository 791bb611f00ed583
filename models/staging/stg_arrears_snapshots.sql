with versions as (

    {{ newest_version('arrears_snapshots') }}

)

select
    subscriber_id,
    snapshot_on,
    arrears_amount,
    arrears_months,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
