-- The daily mart of a Sunday is the weekly alert of that Sunday, row for row.
-- Only rows of such Sundays are read: to compare all columns of all dates takes a hundred times as long.
with sundays_in_both as (

    select as_of_date from {{ ref('int_as_of_dates') }} where is_weekly and is_daily

),

weekly_of_sundays as (

    select weekly.*
    from {{ ref('fct_weekly_alerts') }} as weekly
    inner join sundays_in_both on weekly.as_of_date = sundays_in_both.as_of_date

),

daily_of_sundays as (

    select daily.*
    from {{ ref('fct_daily_alerts') }} as daily
    inner join sundays_in_both on daily.as_of_date = sundays_in_both.as_of_date

),

only_weekly as (

    select * from weekly_of_sundays
    except
    select * from daily_of_sundays

),

-- Where no row of one is missing in the other, their numbers tell of more rows there: to look for these too costs as much again.
counted as (

    select
        as_of_date,
        sum(weekly_rows) as weekly_rows,
        sum(daily_rows) as daily_rows
    from (
        select as_of_date, count(*) as weekly_rows, 0 as daily_rows from weekly_of_sundays group by as_of_date
        union all
        select as_of_date, 0 as weekly_rows, count(*) as daily_rows from daily_of_sundays group by as_of_date
    ) as numbers
    group by as_of_date

)

select 'only weekly' as found, as_of_date, subscriber_id, model_scope from only_weekly
union all
select 'more rows in one' as found, as_of_date, null as subscriber_id, null as model_scope from counted where weekly_rows <> daily_rows
