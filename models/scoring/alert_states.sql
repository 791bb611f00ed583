{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- Compares each observation with the one of the Sunday before it in the same scope, and counts the weeks in a row with an alert.
with levels as (

    select * from {{ of_this_build(ref('alert_levels_at_date')) }}

),

all_levels as (

    select * from {{ ref('alert_levels_at_date') }}

),

built_states as (

    select * from {{ source('last_build', 'built_states') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

alerts_on_sundays as (

    select
        levels.as_of_date,
        levels.subscriber_id,
        levels.model_scope,
        row_number() over (partition by levels.subscriber_id, levels.model_scope order by levels.as_of_date) as alert_number
    from levels
    inner join as_of_dates on levels.as_of_date = as_of_dates.as_of_date
    where as_of_dates.is_weekly
        and levels.severity > 0

),

spells as (

    -- Alerts a week apart share the date that lies alert_number weeks before them, so each such date is one unbroken spell.
    select
        as_of_date,
        subscriber_id,
        model_scope,
        {{ add_days('as_of_date', '-7 * alert_number') }} as spell
    from alerts_on_sundays

),

numbered as (

    select
        as_of_date,
        subscriber_id,
        model_scope,
        row_number() over (partition by subscriber_id, model_scope, spell order by as_of_date) as week_of_spell,
        {{ add_days('min(as_of_date) over (partition by subscriber_id, model_scope, spell)', -7) }} as sunday_before_spell
    from spells

),

kept_weeks as (

    -- Sundays that are not built again.
    select
        built_states.as_of_date,
        built_states.subscriber_id,
        built_states.model_scope,
        built_states.weeks_in_alert
    from built_states
    inner join as_of_dates on built_states.as_of_date = as_of_dates.as_of_date
    left join levels
        on built_states.as_of_date = levels.as_of_date
        and built_states.subscriber_id = levels.subscriber_id
        and built_states.model_scope = levels.model_scope
    where as_of_dates.is_weekly
        and built_states.weeks_in_alert > 0
        and levels.as_of_date is null

),

weeks_on_sundays as (

    -- A spell that began before the first date that is built goes on.
    select
        numbered.as_of_date,
        numbered.subscriber_id,
        numbered.model_scope,
        numbered.week_of_spell + coalesce(kept_weeks.weeks_in_alert, 0) as weeks_in_alert
    from numbered
    left join kept_weeks
        on numbered.sunday_before_spell = kept_weeks.as_of_date
        and numbered.subscriber_id = kept_weeks.subscriber_id
        and numbered.model_scope = kept_weeks.model_scope

    union all

    select
        as_of_date,
        subscriber_id,
        model_scope,
        weeks_in_alert
    from kept_weeks

),

compared as (

    select
        levels.as_of_date,
        levels.subscriber_id,
        levels.model_scope,
        levels.severity,
        previous_levels.severity as previous_severity,
        coalesce(previous_weeks.weeks_in_alert, 0) as previous_weeks_in_alert
    from levels
    inner join as_of_dates on levels.as_of_date = as_of_dates.as_of_date
    left join as_of_dates as previous_dates
        on as_of_dates.previous_sunday = previous_dates.as_of_date
        and previous_dates.is_weekly
    left join all_levels as previous_levels
        on previous_dates.as_of_date = previous_levels.as_of_date
        and levels.subscriber_id = previous_levels.subscriber_id
        and levels.model_scope = previous_levels.model_scope
    left join weeks_on_sundays as previous_weeks
        on previous_dates.as_of_date = previous_weeks.as_of_date
        and levels.subscriber_id = previous_weeks.subscriber_id
        and levels.model_scope = previous_weeks.model_scope

)

select
    as_of_date,
    subscriber_id,
    model_scope,
    case
        when severity = 0 and coalesce(previous_severity, 0) = 0 then 'none'
        when severity = 0 then 'cleared'
        when coalesce(previous_severity, 0) = 0 then 'new'
        when severity > previous_severity then 'escalated'
        when severity < previous_severity then 'de_escalated'
        else 'persisting'
    end as alert_state,
    cast(case when severity = 0 then 0 else previous_weeks_in_alert + 1 end as integer) as weeks_in_alert
from compared
