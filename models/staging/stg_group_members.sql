with versions as (

    {{ newest_version('group_members') }}

)

select
    group_id,
    subscriber_id,
    member_role,
    joined_on,
    left_on,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
