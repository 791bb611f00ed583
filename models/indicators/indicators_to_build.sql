{{ config(materialized='view') }}
-- The indicators of the observations that this run builds, as rows.
with absent as (

    select * from {{ ref('indicators_absent') }}

),

sticky_in_use as (

    select concat('sticky_', service_code) as indicator_code from {{ ref('services') }} where is_sticky

),

measured as (
    {% for family in indicator_columns() %}
    {{- long_form(ref('ind_' ~ family), family) }}
    union all
    {% endfor %}
    select
        as_of_date,
        subscriber_id,
        indicator_code,
        indicator_value,
        indicator_status
    from {{ of_this_build(ref('indicators_more')) }}

)

select
    measured.as_of_date,
    measured.subscriber_id,
    measured.indicator_code,
    case when absent.indicator_code is null then measured.indicator_value end as indicator_value,
    case when absent.indicator_code is null then measured.indicator_status else 'feed_absent' end as indicator_status
from measured
left join absent on measured.indicator_code = absent.indicator_code
where {{ is_in_part('measured.as_of_date') }}
