-- Each band holds at least one value that its indicator can take: every unit but share and yuan is a whole number, and
-- seed indicators says how low and high a value can be.
-- To mend it: change the bounds of the rows shown, or delete them.
with bands as (
    select * from {{ ref('scorecard_bands') }}
),

indicators as (
    select
        indicator_code,
        unit not in ('share', 'yuan') as is_whole,
        lowest_value,
        highest_value
    from {{ ref('indicators') }}
),

smallest_values as (
    select
        bands.scorecard_code,
        bands.scope_type,
        bands.scope_code,
        bands.indicator_code,
        bands.lower_bound,
        bands.upper_bound,
        indicators.is_whole,
        indicators.lowest_value,
        indicators.highest_value,
        greatest(
            coalesce(case when indicators.is_whole then cast(ceil(bands.lower_bound) as double) else bands.lower_bound end, -1.7e308),
            coalesce(indicators.lowest_value, -1.7e308)
        ) as smallest_value
    from bands
    inner join indicators on bands.indicator_code = indicators.indicator_code
    where not bands.match_missing
)

select *
from smallest_values
where smallest_value >= upper_bound or smallest_value > highest_value
