-- A fingerprint of every row that scored a date: the same version means the same points. Validity dates are left out, so closing a row later changes no past version.
with bands as (

    select * from {{ ref('bands_in_force') }}

),

families as (

    select * from {{ ref('indicator_families') }}

),

scored as (

    select
        bands.as_of_date,
        concat_ws(
            '|',
            bands.scorecard_code,
            bands.family_code,
            families.family_rule,
            bands.scope_type,
            bands.scope_code,
            bands.indicator_code,
            coalesce(cast(bands.lower_bound as {{ engine_type('varchar') }}), ''),
            coalesce(cast(bands.upper_bound as {{ engine_type('varchar') }}), ''),
            cast(bands.match_missing as {{ engine_type('varchar') }}),
            cast(bands.points as {{ engine_type('varchar') }})
        ) as band
    from bands
    left join families
        on bands.scorecard_code = families.scorecard_code
        and bands.family_code = families.family_code

)

select
    as_of_date,
    substring(md5({{ ordered_list('band', ';', 'band') }}), 1, 12) as scorecard_version
from scored
group by as_of_date
