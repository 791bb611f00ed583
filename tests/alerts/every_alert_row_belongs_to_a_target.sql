-- Nobody is in the marts who is not watched. Mirrors every_target_has_an_alert_row_in_both_scopes.
with targets as (

    select
        observations.as_of_date,
        observations.subscriber_id,
        as_of_dates.is_weekly,
        as_of_dates.is_daily
    from {{ of_built_observations(ref('int_observations')) }} as observations
    inner join {{ ref('int_as_of_dates') }} as as_of_dates on observations.as_of_date = as_of_dates.as_of_date

),

alert_rows as (

    select 'weekly' as mart, as_of_date, subscriber_id, model_scope from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts
    union all
    select 'daily' as mart, as_of_date, subscriber_id, model_scope from {{ of_built_observations(ref('fct_daily_alerts')) }} as daily_alerts

)

select
    alert_rows.mart,
    alert_rows.as_of_date,
    alert_rows.subscriber_id,
    alert_rows.model_scope
from alert_rows
left join targets
    on alert_rows.as_of_date = targets.as_of_date
    and alert_rows.subscriber_id = targets.subscriber_id
where targets.subscriber_id is null
    or (alert_rows.mart = 'weekly' and not targets.is_weekly)
    or (alert_rows.mart = 'daily' and not targets.is_daily)
