-- A base row holds for everybody (scope code *), a city or branch row names its city or branch, and the band of a
-- missing value has no bounds.
select *
from {{ ref('scorecard_bands') }}
where (scope_type = 'base') <> (scope_code = '*')
    or (match_missing and (lower_bound is not null or upper_bound is not null))
