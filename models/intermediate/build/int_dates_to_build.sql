-- Dates of which this run builds observations. Whole dates: those that are missing, from a late day of calls on, from changed points on, and the date of the
-- run. The others hold changed lines (int_lines_to_build). A change carries on to all later dates, since the state of an alert follows from the week before.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

run as (

    select * from {{ ref('int_run') }}

),

bands_at_date as (

    select * from {{ ref('int_bands_at_date') }}

),

cdr_days as (

    select * from {{ ref('cdr_days_to_build') }}

),

lines as (

    select * from {{ ref('int_lines_to_build') }}

),

built_dates as (

    select * from {{ source('last_build', 'built_dates') }}

),

earlier_dates as (

    select * from {{ source('last_build', 'earlier_dates') }}

),

last_build as (

    select
        max(rules_hash) as rules_hash,
        max(batch_id) as batch_id,
        max(first_feed_date) as first_feed_date
    from built_dates

),

scope as (

    select
        last_build.rules_hash is null
        or last_build.rules_hash <> '{{ observation_rules_hash() }}'
        or last_build.first_feed_date <> run.first_feed_date
        or {{ 'true' if is_full_refresh() else 'false' }} as is_everything
    from last_build
    cross join run

),

compared as (

    select
        as_of_dates.as_of_date,
        as_of_dates.is_weekly,
        built_dates.as_of_date is null
        or (as_of_dates.is_weekly and not built_dates.is_weekly)
        or (as_of_dates.is_daily and not built_dates.is_daily) as is_missing,
        coalesce(built_dates.bands_hash <> bands_at_date.bands_hash, false) as has_other_bands
    from as_of_dates
    inner join bands_at_date on as_of_dates.as_of_date = bands_at_date.as_of_date
    left join built_dates on as_of_dates.as_of_date = built_dates.as_of_date

),

changes as (

    select as_of_date from compared where has_other_bands or (is_missing and is_weekly)
    union all
    select usage_date as as_of_date from cdr_days
    union all
    -- A build that was broken off may have changed its dates in some tables and not in others.
    select earlier_dates.as_of_date
    from earlier_dates
    left join last_build on earlier_dates.batch_id = last_build.batch_id
    where last_build.batch_id is null
        and earlier_dates.is_whole

),

first_change as (

    select min(as_of_date) as as_of_date from changes

),

first_line as (

    select min(build_from) as as_of_date from lines

),

chosen as (

    select
        compared.as_of_date,
        scope.is_everything,
        coalesce(
            scope.is_everything
            or compared.is_missing
            or compared.as_of_date >= first_change.as_of_date
            or compared.as_of_date = run.as_of_date,
            false
        ) as is_whole,
        coalesce(compared.as_of_date >= first_line.as_of_date, false) as has_changed_lines
    from compared
    cross join run
    cross join scope
    cross join first_change
    cross join first_line

)

select
    as_of_date,
    is_whole,
    is_everything,
    '{{ observation_rules_hash() }}' as rules_hash,
    '{{ invocation_id }}' as batch_id
from chosen
where is_whole or has_changed_lines
