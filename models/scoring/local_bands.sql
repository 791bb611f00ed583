-- Where a branch, or failing that its city, has rows of its own for an indicator of a scorecard, they replace the base rows there.
with bands as (

    select * from {{ ref('bands_in_force') }}

),

branches as (

    select * from {{ ref('stg_branches') }}

),

candidates as (

    select
        bands.*,
        branches.branch_code,
        dense_rank() over (
            partition by bands.as_of_date, branches.branch_code, bands.scorecard_code, bands.indicator_code
            order by case when bands.scope_type = 'branch' then 1 else 2 end
        ) as precedence
    from bands
    inner join branches
        on (bands.scope_type = 'branch' and bands.scope_code = branches.branch_code)
        or (bands.scope_type = 'city' and bands.scope_code = branches.city_code)

)

select
    as_of_date,
    branch_code,
    scorecard_code,
    family_code,
    scope_type,
    scope_code,
    indicator_code,
    lower_bound,
    upper_bound,
    match_missing,
    points
from candidates
where precedence = 1
