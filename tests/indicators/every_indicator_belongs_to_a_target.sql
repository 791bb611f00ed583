-- Nothing is measured for whom nobody watches. Mirrors every_target_has_every_indicator.
with targets as (

    select as_of_date, subscriber_id from {{ ref('int_observations') }} where is_target

),

measured as (

    select distinct as_of_date, subscriber_id from {{ ref('indicators_long') }}

)

select
    measured.as_of_date,
    measured.subscriber_id
from measured
left join targets
    on measured.as_of_date = targets.as_of_date
    and measured.subscriber_id = targets.subscriber_id
where targets.subscriber_id is null
