-- No watched line is lost on the way: on each date there are as many rows in each scope as lines are watched, level none included. Whose rows they are is what
-- every_alert_row_belongs_to_a_target looks at, and that nobody has two is what the key is tested for.
with targets as (

    select
        as_of_date,
        count(*) as targets
    from {{ of_built_observations(ref('int_observations')) }} as observations
    group by as_of_date

),

alert_rows as (

    select
        as_of_date,
        model_scope,
        count(*) as alert_rows
    from {{ of_built_observations(ref('alerts_at_date')) }} as alerts
    group by as_of_date, model_scope

),

expected as (

    select
        targets.as_of_date,
        model_scopes.model_scope,
        targets.targets
    from targets
    cross join (values ('base'), ('local')) as model_scopes (model_scope)

)

select
    expected.as_of_date,
    expected.model_scope,
    expected.targets,
    coalesce(alert_rows.alert_rows, 0) as alert_rows
from expected
left join alert_rows
    on expected.as_of_date = alert_rows.as_of_date
    and expected.model_scope = alert_rows.model_scope
where expected.targets <> coalesce(alert_rows.alert_rows, 0)
