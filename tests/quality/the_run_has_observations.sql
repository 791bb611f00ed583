-- A run that would publish no Sunday stops here: its date lies before the first Sunday with enough days of feed behind it (parameter min_history_days).
with run as (

    select * from {{ ref('int_run') }}

),

sundays as (

    select count(*) as sundays from {{ ref('int_as_of_dates') }} where is_weekly

)

select
    run.as_of_date,
    run.first_feed_date,
    sundays.sundays
from run
cross join sundays
where sundays.sundays = 0
