-- Who had which points when, and since when it is known: every version of every band row. Scores are made from the seed, never from here.
with bands as (

    select * from {{ ref('scorecard_bands_history') }}

)

select
    version_id,
    scorecard_code,
    scope_type,
    scope_code,
    indicator_code,
    lower_bound,
    upper_bound,
    match_missing,
    points,
    valid_from,
    valid_to,
    known_from,
    known_until,
    known_until is null as is_current,
    source,
    note
from bands
