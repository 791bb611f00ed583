-- The final level of each observation: the highest that the policy gives to any of its signals.
with signals as (

    select * from {{ ref('signals') }}

),

alert_policy as (

    select * from {{ ref('alert_policy') }}

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

highest as (

    select
        signals.as_of_date,
        signals.subscriber_id,
        signals.model_scope,
        max(case when signals.signal = 'stability' then signals.signal_value end) as stability_alert_level,
        max(case when signals.signal = 'traceback' then signals.signal_value end) as traceback_value,
        coalesce(max(alert_levels.severity), 0) as severity
    from signals
    left join alert_policy
        on signals.signal = alert_policy.signal
        and signals.signal_value = alert_policy.signal_value
    left join alert_levels on alert_policy.alert_level = alert_levels.level_code
    group by signals.as_of_date, signals.subscriber_id, signals.model_scope

)

select
    highest.as_of_date,
    highest.subscriber_id,
    highest.model_scope,
    highest.stability_alert_level,
    highest.traceback_value = 'potential' as is_potential_churner,
    alert_levels.level_code as alert_level,
    highest.severity
from highest
inner join alert_levels on highest.severity = alert_levels.severity
