-- The band rows that scored a week, and since when a build has known each of them like this.
-- Choose the week by its date or by the scorecard_version of an alert (of several such weeks the last one); without them it is the last Sunday:
--   dbt show -s rows_valid_at_a_past_week --limit 100 --vars '{as_of_date: 2026-06-21}'
--   dbt show -s rows_valid_at_a_past_week --limit 100 --vars '{scorecard_version: 0123456789ab}'
{%- set as_of_date = "'" ~ var('as_of_date') ~ "'" if var('as_of_date', none) else 'null' -%}
{%- set scorecard_version = "'" ~ var('scorecard_version') ~ "'" if var('scorecard_version', none) else 'null' %}
with alerts as (

    select * from {{ ref('fct_weekly_alerts') }}

),

bands as (

    select * from {{ ref('scorecard_bands') }}

),

scorecard_indicators as (

    select * from {{ ref('scorecard_indicators') }}

),

families as (

    select * from {{ ref('indicator_families') }}

),

history as (

    select * from {{ ref('scorecard_bands_history') }} where known_until is null

),

chosen_week as (

    select
        as_of_date,
        scorecard_version
    from alerts
    where
        as_of_date = coalesce(cast({{ as_of_date }} as date), as_of_date)
        and scorecard_version = coalesce({{ scorecard_version }}, scorecard_version)
    order by as_of_date desc
    limit 1

)

select
    chosen_week.as_of_date,
    chosen_week.scorecard_version,
    bands.scorecard_code,
    bands.indicator_code,
    bands.scope_type,
    bands.scope_code,
    bands.lower_bound,
    bands.upper_bound,
    bands.match_missing,
    bands.points,
    bands.valid_from,
    bands.valid_to,
    families.family_code,
    families.family_rule,
    history.known_from,
    bands.note
from chosen_week
inner join bands
    on chosen_week.as_of_date >= bands.valid_from
    and (bands.valid_to is null or chosen_week.as_of_date <= bands.valid_to)
inner join scorecard_indicators
    on bands.scorecard_code = scorecard_indicators.scorecard_code
    and bands.indicator_code = scorecard_indicators.indicator_code
left join families
    on scorecard_indicators.scorecard_code = families.scorecard_code
    and scorecard_indicators.family_code = families.family_code
left join history
    on bands.scorecard_code = history.scorecard_code
    and bands.scope_type = history.scope_type
    and bands.scope_code = history.scope_code
    and bands.indicator_code = history.indicator_code
    and bands.lower_bound is not distinct from history.lower_bound
    and bands.upper_bound is not distinct from history.upper_bound
    and bands.match_missing = history.match_missing
    and bands.valid_from = history.valid_from
order by
    bands.scorecard_code,
    bands.indicator_code,
    bands.scope_type,
    bands.scope_code,
    bands.lower_bound
