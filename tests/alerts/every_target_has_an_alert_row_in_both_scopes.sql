-- No watched line is lost on the way: each target has a row in each scope, level none included. Mirrored by every_alert_row_belongs_to_a_target.
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

    select 'weekly' as mart, as_of_date, subscriber_id, count(distinct model_scope) as scopes from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts group by as_of_date, subscriber_id
    union all
    select 'daily' as mart, as_of_date, subscriber_id, count(distinct model_scope) as scopes from {{ of_built_observations(ref('fct_daily_alerts')) }} as daily_alerts group by as_of_date, subscriber_id

),

expected as (

    select 'weekly' as mart, as_of_date, subscriber_id from targets where is_weekly
    union all
    select 'daily' as mart, as_of_date, subscriber_id from targets where is_daily

)

select
    expected.mart,
    expected.as_of_date,
    expected.subscriber_id,
    coalesce(alert_rows.scopes, 0) as scopes_found
from expected
left join alert_rows
    on expected.mart = alert_rows.mart
    and expected.as_of_date = alert_rows.as_of_date
    and expected.subscriber_id = alert_rows.subscriber_id
where coalesce(alert_rows.scopes, 0) <> 2
