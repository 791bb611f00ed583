-- The reasons of each observation in both languages: the special conditions first, then the indicators by their points.
with conditions_met as (

    select * from {{ ref('conditions_met') }}

),

contributions as (

    select * from {{ ref('contributions') }}

),

model_scopes as (

    select model_scope from (values ('base'), ('local')) as scopes (model_scope)

),

warning_conditions as (

    select
        condition_code,
        max(label_en) as label_en,
        max(label_zh) as label_zh
    from {{ ref('warning_conditions') }}
    group by condition_code

),

indicators as (

    select * from {{ ref('indicators') }}

),

condition_reasons as (

    select
        conditions_met.as_of_date,
        conditions_met.subscriber_id,
        model_scopes.model_scope,
        1 as reason_group,
        0 as points,
        conditions_met.condition_code as reason_code,
        warning_conditions.label_en as reason_en,
        warning_conditions.label_zh as reason_zh
    from conditions_met
    cross join model_scopes
    left join warning_conditions on conditions_met.condition_code = warning_conditions.condition_code

),

indicator_points as (

    select
        as_of_date,
        subscriber_id,
        model_scope,
        indicator_code,
        max(indicator_value) as indicator_value,
        max(points) as points
    from contributions
    where is_counted
        and points > 0
        and scorecard_code in ('core_risk', 'churn_traceback')
    group by as_of_date, subscriber_id, model_scope, indicator_code

),

indicator_reasons as (

    select
        indicator_points.as_of_date,
        indicator_points.subscriber_id,
        indicator_points.model_scope,
        2 as reason_group,
        indicator_points.points,
        indicator_points.indicator_code as reason_code,
        replace(indicators.reason_en, '{value}', {{ value_as_text('indicator_points.indicator_value', 'indicators.unit', 'unknown') }}) as reason_en,
        replace(indicators.reason_zh, '{value}', {{ value_as_text('indicator_points.indicator_value', 'indicators.unit', '未知') }}) as reason_zh
    from indicator_points
    left join indicators on indicator_points.indicator_code = indicators.indicator_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by as_of_date, subscriber_id, model_scope
            order by reason_group, points desc, reason_code
        ) as reason_rank
    from (
        select * from condition_reasons
        union all
        select * from indicator_reasons
    ) as all_reasons

)

select
    as_of_date,
    subscriber_id,
    model_scope,
    {{ ordered_list('reason_code', ',', 'reason_rank') }} as reason_codes,
    {{ ordered_list('coalesce(reason_en, reason_code)', '; ', 'reason_rank') }} as reason_text_en,
    {{ ordered_list('coalesce(reason_zh, reason_code)', '；', 'reason_rank') }} as reason_text_zh
from ranked
where reason_rank <= {{ parameter('max_reasons') }}
group by as_of_date, subscriber_id, model_scope
