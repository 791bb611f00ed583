-- A missing indicator is seen, not read as healthy: on each date each indicator has a row, known or not, for as many lines as are watched. And a status says why a
-- value is missing: known goes with a value, every other status with none. Mirrored by every_indicator_belongs_to_a_target.
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
        count(*) as indicator_rows,
        count(
            case
                when (indicator_value is null) = (indicator_status = 'known') then 1
                when indicator_status in ('known', 'unknown', 'too_early', 'nothing_to_compare', 'feed_absent') then null
                else 1
            end
        ) as rows_with_wrong_status
    from {{ ref('indicators_to_build') }}
    group by as_of_date, indicator_code

    union all

    select
        as_of_date,
        'all indicators, side by side' as indicator_code,
        count(*) as indicator_rows,
        0 as rows_with_wrong_status
    from {{ of_built_observations(ref('indicators_at_date')) }} as wide
    group by as_of_date

),

expected as (

    select
        targets.as_of_date,
        expected_indicators.indicator_code,
        targets.targets
    from targets
    cross join expected_indicators

)

select
    coalesce(expected.as_of_date, found.as_of_date) as as_of_date,
    coalesce(expected.indicator_code, found.indicator_code) as indicator_code,
    expected.targets,
    coalesce(found.indicator_rows, 0) as indicator_rows,
    found.rows_with_wrong_status
from expected
full outer join found
    on expected.as_of_date = found.as_of_date
    and expected.indicator_code = found.indicator_code
where expected.targets <> coalesce(found.indicator_rows, 0)
    or found.rows_with_wrong_status > 0
