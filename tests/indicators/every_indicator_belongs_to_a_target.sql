-- Nothing is measured for whom nobody watches. Mirrors every_target_has_every_indicator.
with targets as (

    select as_of_date, subscriber_id from {{ of_built_observations(ref('int_observations')) }} as observations where is_target

),

measured as (

    select distinct as_of_date, subscriber_id from {{ of_built_observations(ref('indicators_long')) }} as indicators

)

select
    measured.as_of_date,
    measured.subscriber_id
from measured
left join targets
    on measured.as_of_date = targets.as_of_date
    and measured.subscriber_id = targets.subscriber_id
where targets.subscriber_id is null
