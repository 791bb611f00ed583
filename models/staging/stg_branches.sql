with versions as (

    {{ newest_version('branches') }}

)

select
    branch_code,
    branch_name,
    city_code,
    city_name,
    delivered_rows
from versions
where version_rank = 1
