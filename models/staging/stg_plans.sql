with versions as (

    {{ newest_version('plans') }}

)

select
    plan_code,
    plan_name,
    monthly_fee,
    delivered_rows
from versions
where version_rank = 1
