-- The band that each value falls into, in the base model and in the local one; rows with points only. The hits are the explanation of the score.
with indicators as (

    select * from {{ ref('indicators_to_build') }}

),

observations as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

base_bands as (

    select * from {{ ref('bands_in_force') }} where scope_type = 'base'

),

local_bands as (

    select * from {{ ref('local_bands') }}

),

overrides as (

    select distinct
        as_of_date,
        branch_code,
        scorecard_code,
        indicator_code
    from local_bands

),

base_hits as (

    select
        indicators.as_of_date,
        indicators.subscriber_id,
        base_bands.scorecard_code,
        base_bands.family_code,
        indicators.indicator_code,
        indicators.indicator_value,
        base_bands.lower_bound,
        base_bands.upper_bound,
        base_bands.points,
        base_bands.scope_type,
        base_bands.scope_code
    from indicators
    inner join base_bands
        on indicators.as_of_date = base_bands.as_of_date
        and indicators.indicator_code = base_bands.indicator_code
        and {{ falls_into_band('indicators.indicator_value', 'base_bands') }}
    where base_bands.points <> 0

),

local_hits as (

    select
        indicators.as_of_date,
        indicators.subscriber_id,
        local_bands.scorecard_code,
        local_bands.family_code,
        indicators.indicator_code,
        indicators.indicator_value,
        local_bands.lower_bound,
        local_bands.upper_bound,
        local_bands.points,
        local_bands.scope_type,
        local_bands.scope_code
    from indicators
    inner join observations
        on indicators.as_of_date = observations.as_of_date
        and indicators.subscriber_id = observations.subscriber_id
    inner join local_bands
        on indicators.as_of_date = local_bands.as_of_date
        and observations.branch_code = local_bands.branch_code
        and indicators.indicator_code = local_bands.indicator_code
        and {{ falls_into_band('indicators.indicator_value', 'local_bands') }}
    where local_bands.points <> 0

),

base_hits_kept_locally as (

    select base_hits.*
    from base_hits
    inner join observations
        on base_hits.as_of_date = observations.as_of_date
        and base_hits.subscriber_id = observations.subscriber_id
    left join overrides
        on base_hits.as_of_date = overrides.as_of_date
        and observations.branch_code = overrides.branch_code
        and base_hits.scorecard_code = overrides.scorecard_code
        and base_hits.indicator_code = overrides.indicator_code
    where overrides.indicator_code is null

)

select 'base' as model_scope, * from base_hits
union all
select 'local' as model_scope, * from base_hits_kept_locally
union all
select 'local' as model_scope, * from local_hits
