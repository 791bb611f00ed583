{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_observations_to_build() }}") }}
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

-- Many observations are told the same by all methods, so the level is found once for each of the few answers.
answers as (

    select distinct
        stability,
        early_warning,
        traceback
    from signals

),

answers_by_signal as (

    select *, 'stability' as signal, stability as signal_value from answers
    union all
    select *, 'early_warning' as signal, early_warning as signal_value from answers
    union all
    select *, 'traceback' as signal, traceback as signal_value from answers

),

severities as (

    select
        answers_by_signal.stability,
        answers_by_signal.early_warning,
        answers_by_signal.traceback,
        answers_by_signal.signal,
        coalesce(alert_levels.severity, 0) as severity,
        max(coalesce(alert_levels.severity, 0)) over (
            partition by answers_by_signal.stability, answers_by_signal.early_warning, answers_by_signal.traceback
        ) as highest_severity
    from answers_by_signal
    left join alert_policy
        on answers_by_signal.signal = alert_policy.signal
        and answers_by_signal.signal_value = alert_policy.signal_value
    left join alert_levels on alert_policy.alert_level = alert_levels.level_code

),

judged as (

    select
        stability,
        early_warning,
        traceback,
        max(severity) as severity,
        {{ ordered_list("case when severity = highest_severity and severity > 0 then signal end", ',', 'signal') }} as alert_signals
    from severities
    group by stability, early_warning, traceback

)

select
    signals.as_of_date,
    signals.subscriber_id,
    signals.model_scope,
    signals.stability as stability_alert_level,
    signals.traceback = 'potential' as is_potential_churner,
    alert_levels.level_code as alert_level,
    judged.alert_signals,
    judged.severity
from signals
inner join judged
    on signals.stability is not distinct from judged.stability
    and signals.early_warning is not distinct from judged.early_warning
    and signals.traceback is not distinct from judged.traceback
inner join alert_levels on judged.severity = alert_levels.severity
