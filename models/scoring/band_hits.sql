{{ config(materialized='view') }}
-- The band that each value falls into; rows with points only. A branch with bands of its own has a list of its own, of all that is in force there; all others
-- share the list *. So a value is looked up once for both models, and what both say alike is one row.
with indicators as (

    select * from {{ ref('indicators_to_build') }}

),

observations as (

    select * from {{ ref('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}

),

base_bands as (

    select * from {{ ref('bands_in_force') }} where scope_type = 'base'

),

local_bands as (

    select * from {{ ref('local_bands') }}

),

own_lists as (

    select distinct
        as_of_date,
        branch_code as band_list
    from local_bands

),

overrides as (

    select distinct
        as_of_date,
        branch_code,
        scorecard_code,
        indicator_code
    from local_bands

),

bands as (

    select
        '*' as band_list,
        as_of_date,
        true as is_in_base,
        true as is_in_local,
        scorecard_code,
        family_code,
        indicator_code,
        lower_bound,
        upper_bound,
        match_missing,
        points,
        scope_type,
        scope_code
    from base_bands

    union all

    select
        own_lists.band_list,
        base_bands.as_of_date,
        true as is_in_base,
        overrides.indicator_code is null as is_in_local,
        base_bands.scorecard_code,
        base_bands.family_code,
        base_bands.indicator_code,
        base_bands.lower_bound,
        base_bands.upper_bound,
        base_bands.match_missing,
        base_bands.points,
        base_bands.scope_type,
        base_bands.scope_code
    from base_bands
    inner join own_lists on base_bands.as_of_date = own_lists.as_of_date
    left join overrides
        on base_bands.as_of_date = overrides.as_of_date
        and own_lists.band_list = overrides.branch_code
        and base_bands.scorecard_code = overrides.scorecard_code
        and base_bands.indicator_code = overrides.indicator_code

    union all

    select
        branch_code as band_list,
        as_of_date,
        false as is_in_base,
        true as is_in_local,
        scorecard_code,
        family_code,
        indicator_code,
        lower_bound,
        upper_bound,
        match_missing,
        points,
        scope_type,
        scope_code
    from local_bands

),

observations_of_own_lists as (

    select
        observations.as_of_date,
        observations.subscriber_id,
        own_lists.band_list
    from observations
    inner join own_lists
        on observations.as_of_date = own_lists.as_of_date
        and observations.branch_code = own_lists.band_list

)

select
    indicators.as_of_date,
    indicators.subscriber_id,
    bands.is_in_base,
    bands.is_in_local,
    bands.scorecard_code,
    bands.family_code,
    indicators.indicator_code,
    indicators.indicator_value,
    bands.lower_bound,
    bands.upper_bound,
    bands.points,
    bands.scope_type,
    bands.scope_code
from indicators
left join observations_of_own_lists as own
    on indicators.as_of_date = own.as_of_date
    and indicators.subscriber_id = own.subscriber_id
inner join bands
    on indicators.as_of_date = bands.as_of_date
    and indicators.indicator_code = bands.indicator_code
    and coalesce(own.band_list, '*') = bands.band_list
    and {{ falls_into_band('indicators.indicator_value', 'bands') }}
where bands.points <> 0
