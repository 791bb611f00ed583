{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- The final level of each observation: the highest that the policy gives to any of its signals.
with signals as (

    select * from {{ of_this_build(ref('signals')) }}

),

alert_policy as (

    select * from {{ ref('alert_policy') }}

),

alert_levels as (

    select * from {{ ref('alert_levels') }}

),

judged as (

    select
        signals.as_of_date,
        signals.subscriber_id,
        signals.model_scope,
        signals.signal,
        signals.signal_value,
        coalesce(alert_levels.severity, 0) as severity
    from signals
    left join alert_policy
        on signals.signal = alert_policy.signal
        and signals.signal_value = alert_policy.signal_value
    left join alert_levels on alert_policy.alert_level = alert_levels.level_code

),

highest as (

    select
        as_of_date,
        subscriber_id,
        model_scope,
        max(case when signal = 'stability' then signal_value end) as stability_alert_level,
        max(case when signal = 'traceback' then signal_value end) as traceback_value,
        max(severity) as severity
    from judged
    group by as_of_date, subscriber_id, model_scope

),

deciding as (

    select
        judged.as_of_date,
        judged.subscriber_id,
        judged.model_scope,
        {{ ordered_list('judged.signal', ',', 'judged.signal') }} as alert_signals
    from judged
    inner join highest
        on judged.as_of_date = highest.as_of_date
        and judged.subscriber_id = highest.subscriber_id
        and judged.model_scope = highest.model_scope
        and judged.severity = highest.severity
    where judged.severity > 0
    group by judged.as_of_date, judged.subscriber_id, judged.model_scope

)

select
    highest.as_of_date,
    highest.subscriber_id,
    highest.model_scope,
    highest.stability_alert_level,
    highest.traceback_value = 'potential' as is_potential_churner,
    alert_levels.level_code as alert_level,
    deciding.alert_signals,
    highest.severity
from highest
inner join alert_levels on highest.severity = alert_levels.severity
left join deciding
    on highest.as_of_date = deciding.as_of_date
    and highest.subscriber_id = deciding.subscriber_id
    and highest.model_scope = deciding.model_scope
