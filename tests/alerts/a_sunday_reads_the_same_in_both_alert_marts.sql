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
