-- The daily mart of a Sunday is the weekly alert of that Sunday, row for row.
with weekly as (

    select * from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts

),

daily as (

    select * from {{ of_built_observations(ref('fct_daily_alerts')) }} as daily_alerts

),

sundays_in_both as (

    select distinct weekly.as_of_date
    from weekly
    inner join daily on weekly.as_of_date = daily.as_of_date

),

weekly_of_sundays as (

    select weekly.*
    from weekly
    inner join sundays_in_both on weekly.as_of_date = sundays_in_both.as_of_date

),

daily_of_sundays as (

    select daily.*
    from daily
    inner join sundays_in_both on daily.as_of_date = sundays_in_both.as_of_date

),

only_daily as (

    select * from daily_of_sundays
    except
    select * from weekly_of_sundays

),

only_weekly as (

    select * from weekly_of_sundays
    except
    select * from daily_of_sundays

)

select 'only daily' as found, as_of_date, subscriber_id, model_scope from only_daily
union all
select 'only weekly' as found, as_of_date, subscriber_id, model_scope from only_weekly
