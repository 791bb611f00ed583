-- A missing indicator is seen, not read as healthy: on each date each indicator has a row, known or not, for as many lines as are watched.
-- Mirrored by every_indicator_belongs_to_a_target.
with targets as (

    select
        as_of_date,
        count(*) as targets
    from {{ of_built_observations(ref('int_observations')) }} as observations
    where is_target
    group by as_of_date

),

expected_indicators as (

    select indicator_code
    from {{ ref('indicators') }}
    where indicator_code not like 'sticky%'

    union

    select concat('sticky_', service_code) as indicator_code
    from {{ ref('services') }}
    where is_sticky

    union all

    select 'all indicators, side by side' as indicator_code

),

found as (

    select
        as_of_date,
        indicator_code,
        count(*) as indicator_rows
    from {{ ref('indicators_to_build') }}
    group by as_of_date, indicator_code

    union all

    select
        as_of_date,
        'all indicators, side by side' as indicator_code,
        count(*) as indicator_rows
    from {{ of_built_observations(ref('indicators_at_date')) }} as wide
    group by as_of_date

)

select
    targets.as_of_date,
    expected_indicators.indicator_code,
    targets.targets,
    coalesce(found.indicator_rows, 0) as indicator_rows
from targets
cross join expected_indicators
left join found
    on targets.as_of_date = found.as_of_date
    and expected_indicators.indicator_code = found.indicator_code
where targets.targets <> coalesce(found.indicator_rows, 0)
