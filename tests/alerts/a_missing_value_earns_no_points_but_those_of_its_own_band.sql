-- Not known is never read as zero: a contribution without a value can only come from a match_missing row, whose bounds are blank.
select
    as_of_date,
    subscriber_id,
    model_scope,
    scorecard_code,
    indicator_code,
    points
from {{ ref('contributions') }}
where indicator_value is null
    and (lower_bound is not null or upper_bound is not null)
