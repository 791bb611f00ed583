-- How many watched lines each branch has, how many of them are red on the last Sunday, and what the red ones bring in a month (local model).
with alerts as (

    select * from {{ ref('fct_weekly_alerts') }} where model_scope = 'local'

),

organisation as (

    select * from {{ ref('dim_organisation') }}

),

last_sunday as (

    select max(as_of_date) as as_of_date from alerts

)

select
    alerts.as_of_date,
    organisation.city_name,
    alerts.branch_code,
    organisation.branch_name,
    count(*) as watched,
    count(*) filter (where alerts.alert_level = 'red') as red,
    count(*) filter (where alerts.alert_level = 'red' and alerts.alert_state in ('new', 'escalated')) as red_since_this_week,
    coalesce(sum(alerts.arpu_3m) filter (where alerts.alert_level = 'red'), 0) as red_monthly_fee
from alerts
inner join last_sunday on alerts.as_of_date = last_sunday.as_of_date
left join organisation on alerts.branch_code = organisation.branch_code
group by
    alerts.as_of_date,
    organisation.city_name,
    alerts.branch_code,
    organisation.branch_name
order by
    red desc,
    alerts.branch_code asc
