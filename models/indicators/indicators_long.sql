{{ config(materialized='view') }}
-- Every indicator of every watched line at every date, as rows, from what is kept.
with absent as (

    select * from {{ in_own_file(ref('indicators_absent')) }}

),

sticky_in_use as (

    select concat('sticky_', service_code) as indicator_code from {{ in_own_file(ref('services')) }} where is_sticky

),

measured as (
    {% for family in indicator_columns() %}
    {{- long_form(in_own_file(ref('indicators_at_date')), family) }}
    union all
    {% endfor %}
    select
        as_of_date,
        subscriber_id,
        indicator_code,
        indicator_value,
        indicator_status
    from {{ in_own_file(ref('indicators_more')) }}

)

select
    measured.as_of_date,
    measured.subscriber_id,
    measured.indicator_code,
    case when absent.indicator_code is null then measured.indicator_value end as indicator_value,
    case when absent.indicator_code is null then measured.indicator_status else 'feed_absent' end as indicator_status
from measured
left join absent on measured.indicator_code = absent.indicator_code
