-- Not known is never read as zero: a contribution without a value can only come from a match_missing row, whose bounds are blank.
select
    as_of_date,
    subscriber_id,
    is_in_base,
    is_in_local,
    scorecard_code,
    indicator_code,
    points
from {{ of_built_observations(ref('contributions')) }} as contributions
where indicator_value is null
    and (lower_bound is not null or upper_bound is not null)
