-- No watched line is lost on the way: on each date there are as many rows in each scope as lines are watched, level none included. Whose rows they are is what
-- every_alert_row_belongs_to_a_target looks at, and that nobody has two is what the keys of the marts are tested for.
with targets as (

    select
        as_of_date,
        count(*) as targets
    from {{ of_built_observations(ref('int_observations')) }} as observations
    group by as_of_date

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

alert_rows as (

    select
        'weekly' as mart,
        as_of_date,
        model_scope,
        count(*) as alert_rows
    from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts
    group by as_of_date, model_scope

    union all

    select
        'daily' as mart,
        as_of_date,
        model_scope,
        count(*) as alert_rows
    from {{ of_built_observations(ref('fct_daily_alerts')) }} as daily_alerts
    group by as_of_date, model_scope

),

expected as (

    select
        marts.mart,
        targets.as_of_date,
        marts.model_scope,
        targets.targets
    from targets
    inner join as_of_dates on targets.as_of_date = as_of_dates.as_of_date
    inner join (values ('weekly', 'base'), ('weekly', 'local'), ('daily', 'base'), ('daily', 'local')) as marts (mart, model_scope)
        on (marts.mart = 'weekly' and as_of_dates.is_weekly)
        or (marts.mart = 'daily' and as_of_dates.is_daily)

)

select
    expected.mart,
    expected.as_of_date,
    expected.model_scope,
    expected.targets,
    coalesce(alert_rows.alert_rows, 0) as alert_rows
from expected
left join alert_rows
    on expected.mart = alert_rows.mart
    and expected.as_of_date = alert_rows.as_of_date
    and expected.model_scope = alert_rows.model_scope
where expected.targets <> coalesce(alert_rows.alert_rows, 0)
