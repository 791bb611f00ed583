with versions as (

    {{ newest_version('accounts') }}

)

select
    account_id,
    customer_id,
    payment_method,
    opened_on,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
