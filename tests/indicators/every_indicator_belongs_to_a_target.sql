-- Nothing is measured for whom nobody watches. Mirrors every_target_has_every_indicator.
with targets as (

    select as_of_date, subscriber_id from {{ of_built_observations(ref('int_observations')) }} as observations where is_target

),

measured as (
    {% for family in indicator_columns() %}
    select as_of_date, subscriber_id, 'ind_{{ family }}' as measured_in from {{ ref('ind_' ~ family) }}
    union all
    {% endfor %}
    select as_of_date, subscriber_id, 'indicators_at_date' as measured_in from {{ of_built_observations(ref('indicators_at_date')) }} as wide
    union all
    select as_of_date, subscriber_id, indicator_code as measured_in from {{ of_built_observations(ref('indicators_more')) }} as further

)

select
    measured.as_of_date,
    measured.subscriber_id,
    measured.measured_in
from measured
left join targets
    on measured.as_of_date = targets.as_of_date
    and measured.subscriber_id = targets.subscriber_id
where targets.subscriber_id is null
