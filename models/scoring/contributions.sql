-- In a family with the rule max only one hit counts: that with the highest points, of several the one with the smallest indicator code.
with hits as (

    select * from {{ ref('band_hits') }}

),

families as (

    select * from {{ ref('indicator_families') }}

),

ranked as (

    select
        hits.*,
        families.family_rule,
        row_number() over (
            partition by hits.as_of_date, hits.subscriber_id, hits.model_scope, hits.scorecard_code, hits.family_code
            order by hits.points desc, hits.indicator_code
        ) as rank_in_family
    from hits
    left join families
        on hits.scorecard_code = families.scorecard_code
        and hits.family_code = families.family_code

)

select
    as_of_date,
    subscriber_id,
    model_scope,
    scorecard_code,
    family_code,
    indicator_code,
    indicator_value,
    lower_bound,
    upper_bound,
    points,
    family_rule <> 'max' or rank_in_family = 1 as is_counted,
    scope_type,
    scope_code
from ranked
