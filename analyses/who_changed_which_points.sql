-- What was added, changed and removed in scorecard_bands since the first build of this warehouse: when a build first saw it, the row before and after.
-- The tool knows no persons; the note of a row says who decided it. Nothing was changed: no rows.
--   dbt show -s who_changed_which_points --limit 100
--   dbt show -s who_changed_which_points --limit 100 --vars '{indicator_code: idle_days_7d}'
{%- set indicator_code = "'" ~ var('indicator_code') ~ "'" if var('indicator_code', none) else 'null' %}
with history as (

    select * from {{ ref('scorecard_bands_history') }}

),

first_build as (

    select min(known_from) as known_from from history

),

versions as (

    select
        history.*,
        lag(version_id) over same_row as version_before,
        lag(known_until) over same_row as known_until_before,
        lag(points) over same_row as points_before,
        lag(valid_to) over same_row as valid_to_before
    from history
    window same_row as (
        partition by scorecard_code, scope_type, scope_code, indicator_code, lower_bound, upper_bound, match_missing, valid_from
        order by known_from
    )

),

added_or_changed as (

    select
        versions.known_from as seen_at,
        case when versions.known_until_before = versions.known_from then 'changed' else 'added' end as what,
        versions.scorecard_code,
        versions.indicator_code,
        versions.scope_type,
        versions.scope_code,
        versions.lower_bound,
        versions.upper_bound,
        versions.match_missing,
        versions.points_before,
        versions.points as points_now,
        versions.valid_from,
        versions.valid_to_before,
        versions.valid_to as valid_to_now,
        versions.note
    from versions
    inner join first_build on versions.known_from > first_build.known_from

),

removed as (

    select
        gone.known_until as seen_at,
        'removed' as what,
        gone.scorecard_code,
        gone.indicator_code,
        gone.scope_type,
        gone.scope_code,
        gone.lower_bound,
        gone.upper_bound,
        gone.match_missing,
        gone.points as points_before,
        cast(null as integer) as points_now,
        gone.valid_from,
        gone.valid_to as valid_to_before,
        cast(null as date) as valid_to_now,
        gone.note
    from versions as gone
    left join versions as following
        on gone.version_id = following.version_before
        and gone.known_until = following.known_from
    where
        gone.known_until is not null
        and following.version_id is null

),

changes as (

    select * from added_or_changed
    union all
    select * from removed

)

select *
from changes
where indicator_code = coalesce({{ indicator_code }}, indicator_code)
order by
    seen_at asc,
    scorecard_code asc,
    indicator_code asc,
    scope_type asc,
    scope_code asc,
    lower_bound asc,
    valid_from asc
