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

-- What the methods say, numbered. Many observations are told the same by all of them, so the level is found once for each list of answers.
answers as (

    select
        said.signal,
        said.signal_value,
        coalesce(alert_levels.severity, 0) as severity,
        row_number() over (order by said.signal, said.signal_value) as answer_number
    from (select distinct signal, signal_value from signals) as said
    left join alert_policy
        on said.signal = alert_policy.signal
        and said.signal_value = alert_policy.signal_value
    left join alert_levels on alert_policy.alert_level = alert_levels.level_code

),

told as (

    select
        signals.as_of_date,
        signals.subscriber_id,
        signals.model_scope,
        array_sort(array_agg(answers.answer_number)) as answer_numbers
    from signals
    inner join answers
        on signals.signal = answers.signal
        and signals.signal_value = answers.signal_value
    group by signals.as_of_date, signals.subscriber_id, signals.model_scope

),

told_alike as (

    select distinct answer_numbers from told

),

told_numbers as (

    select
        answer_numbers,
        {{ unnested('answer_numbers') }} as answer_number
    from told_alike

),

told_answers as (

    select
        told_numbers.answer_numbers,
        answers.signal,
        answers.signal_value,
        answers.severity
    from told_numbers
    inner join answers on told_numbers.answer_number = answers.answer_number

),

highest as (

    select
        answer_numbers,
        max(case when signal = 'stability' then signal_value end) as stability_alert_level,
        max(case when signal = 'traceback' then signal_value end) as traceback_value,
        max(severity) as severity
    from told_answers
    group by answer_numbers

),

deciding as (

    select
        told_answers.answer_numbers,
        {{ ordered_list('told_answers.signal', ',', 'told_answers.signal') }} as alert_signals
    from told_answers
    inner join highest
        on told_answers.answer_numbers = highest.answer_numbers
        and told_answers.severity = highest.severity
    where told_answers.severity > 0
    group by told_answers.answer_numbers

)

select
    told.as_of_date,
    told.subscriber_id,
    told.model_scope,
    highest.stability_alert_level,
    highest.traceback_value = 'potential' as is_potential_churner,
    alert_levels.level_code as alert_level,
    deciding.alert_signals,
    highest.severity
from told
inner join highest on told.answer_numbers = highest.answer_numbers
inner join alert_levels on highest.severity = alert_levels.severity
left join deciding on told.answer_numbers = deciding.answer_numbers
