-- What the points of each date are made of, in one hash: dates whose rows of scorecard_bands have changed are scored again.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

scorecard_bands as (

    select * from {{ ref('scorecard_bands') }}

),

bands as (

    select
        valid_from,
        valid_to,
        concat_ws(
            '|',
            scorecard_code,
            scope_type,
            scope_code,
            indicator_code,
            coalesce(cast(lower_bound as {{ engine_type('varchar') }}), ''),
            coalesce(cast(upper_bound as {{ engine_type('varchar') }}), ''),
            cast(coalesce(match_missing, false) as {{ engine_type('varchar') }}),
            cast(points as {{ engine_type('varchar') }})
        ) as band
    from scorecard_bands

)

select
    as_of_dates.as_of_date,
    coalesce(md5({{ ordered_list('bands.band', ';', 'bands.band') }}), '') as bands_hash
from as_of_dates
left join bands
    on bands.valid_from <= as_of_dates.as_of_date
    and (bands.valid_to is null or bands.valid_to >= as_of_dates.as_of_date)
group by as_of_dates.as_of_date
