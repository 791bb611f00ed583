-- A family with the rule max takes its highest band; a negative one could never count and would only mislead.
-- To mend it: use points of 0 or more, or make the family one with the rule sum.
select
    bands.scorecard_code,
    scorecard_indicators.family_code,
    bands.indicator_code,
    bands.scope_type,
    bands.scope_code,
    bands.points
from {{ ref('scorecard_bands') }} as bands
inner join {{ ref('scorecard_indicators') }} as scorecard_indicators
    on bands.scorecard_code = scorecard_indicators.scorecard_code
    and bands.indicator_code = scorecard_indicators.indicator_code
inner join {{ ref('indicator_families') }} as families
    on scorecard_indicators.scorecard_code = families.scorecard_code
    and scorecard_indicators.family_code = families.family_code
where families.family_rule = 'max'
    and bands.points < 0
