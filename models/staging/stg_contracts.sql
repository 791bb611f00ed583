with versions as (

    {{ newest_version('contracts') }}

)

select
    contract_id,
    subscriber_id,
    contract_type,
    starts_on,
    ends_on,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
