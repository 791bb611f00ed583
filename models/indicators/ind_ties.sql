with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

)

select
    as_of_date,
    subscriber_id,
    cast({{ days_between('activated_on', 'as_of_date') }} as integer) as tenure_days,
    case when customer_class = 'individual' then 0 else 1 end as group_member
from targets
