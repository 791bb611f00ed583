{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_observations_to_build() }}") }}
-- In a family with the rule max only one hit counts: that with the highest points, of several the one with the smallest indicator code.
with band_hits as (

    select * from {{ ref('band_hits') }}

),

families as (

    select * from {{ ref('indicator_families') }}

),

hits as (

    select
        band_hits.*,
        coalesce(families.family_rule = 'max', false) as takes_highest
    from band_hits
    left join families
        on band_hits.scorecard_code = families.scorecard_code
        and band_hits.family_code = families.family_code

),

-- Few hits are of such families, and only these are ranked.
ranked as (

    select
        *,
        row_number() over (
            partition by as_of_date, subscriber_id, scorecard_code, family_code, is_in_base
            order by points desc, indicator_code
        ) as rank_in_base,
        row_number() over (
            partition by as_of_date, subscriber_id, scorecard_code, family_code, is_in_local
            order by points desc, indicator_code
        ) as rank_in_local
    from hits
    where takes_highest

)

select
    as_of_date,
    subscriber_id,
    is_in_base,
    is_in_local,
    scorecard_code,
    family_code,
    indicator_code,
    indicator_value,
    lower_bound,
    upper_bound,
    points,
    is_in_base as is_counted_in_base,
    is_in_local as is_counted_in_local,
    scope_type,
    scope_code
from hits
where not takes_highest

union all

select
    as_of_date,
    subscriber_id,
    is_in_base,
    is_in_local,
    scorecard_code,
    family_code,
    indicator_code,
    indicator_value,
    lower_bound,
    upper_bound,
    points,
    is_in_base and rank_in_base = 1 as is_counted_in_base,
    is_in_local and rank_in_local = 1 as is_counted_in_local,
    scope_type,
    scope_code
from ranked
