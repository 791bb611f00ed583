-- The band rows that are valid at each date: history is scored with the rows of its own day.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bands as (

    select * from {{ ref('scorecard_bands') }}

),

scorecard_indicators as (

    select * from {{ ref('scorecard_indicators') }}

)

select
    as_of_dates.as_of_date,
    bands.scorecard_code,
    scorecard_indicators.family_code,
    bands.scope_type,
    bands.scope_code,
    bands.indicator_code,
    bands.lower_bound,
    bands.upper_bound,
    coalesce(bands.match_missing, false) as match_missing,
    bands.points
from as_of_dates
inner join bands
    on bands.valid_from <= as_of_dates.as_of_date
    and (bands.valid_to is null or bands.valid_to >= as_of_dates.as_of_date)
inner join scorecard_indicators
    on bands.scorecard_code = scorecard_indicators.scorecard_code
    and bands.indicator_code = scorecard_indicators.indicator_code
