-- The daily mart of a Sunday is the weekly alert of that Sunday, row for row.
with weekly as (

    select * from {{ ref('fct_weekly_alerts') }}

),

daily as (

    select daily_alerts.*
    from {{ ref('fct_daily_alerts') }} as daily_alerts
    inner join (select distinct as_of_date from weekly) as sundays on daily_alerts.as_of_date = sundays.as_of_date

),

weekly_of_the_same_dates as (

    select weekly.*
    from weekly
    inner join (select distinct as_of_date from daily) as days on weekly.as_of_date = days.as_of_date

)

select as_of_date, subscriber_id, model_scope from (select * from daily except select * from weekly_of_the_same_dates) as only_daily
union all
select as_of_date, subscriber_id, model_scope from (select * from weekly_of_the_same_dates except select * from daily) as only_weekly
