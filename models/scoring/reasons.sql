-- The reasons of each observation in both languages: the special conditions first, then the indicators by their points. Many observations have the same
-- reasons, so the sentences of each list of reasons are made once.
with conditions_met as (

    select * from {{ ref('conditions_met') }}

),

contributions as (

    select * from {{ of_this_build(ref('contributions')) }}

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

indicator_points as (

    select
        as_of_date,
        subscriber_id,
        is_counted_in_base as is_in_base,
        is_counted_in_local as is_in_local,
        indicator_code,
        indicator_value,
        points
    from contributions
    where (is_counted_in_base or is_counted_in_local)
        and points > 0
        and scorecard_code in ('core_risk', 'churn_traceback')

),

distinct_points as (

    select distinct
        indicator_code,
        indicator_value,
        points
    from indicator_points

),

sentences as (

    select
        1 as reason_group,
        0 as points,
        condition_code as reason_code,
        cast(null as double) as indicator_value,
        label_en as reason_en,
        label_zh as reason_zh
    from warning_conditions

    union all

    select
        2 as reason_group,
        distinct_points.points,
        distinct_points.indicator_code as reason_code,
        distinct_points.indicator_value,
        replace(indicators.reason_en, '{value}', {{ value_as_text('distinct_points.indicator_value', 'indicators.unit', 'unknown') }}) as reason_en,
        replace(indicators.reason_zh, '{value}', {{ value_as_text('distinct_points.indicator_value', 'indicators.unit', '未知') }}) as reason_zh
    from distinct_points
    left join indicators on distinct_points.indicator_code = indicators.indicator_code

),

-- Numbered in the order in which they are named.
possible_reasons as (

    select
        reason_group,
        points,
        reason_code,
        indicator_value,
        coalesce(reason_en, reason_code) as reason_en,
        coalesce(reason_zh, reason_code) as reason_zh,
        dense_rank() over (order by reason_group, points desc, reason_code, reason_en, reason_zh) as reason_number
    from sentences

),

found as (

    select
        conditions_met.as_of_date,
        conditions_met.subscriber_id,
        true as is_in_base,
        true as is_in_local,
        possible_reasons.reason_number
    from conditions_met
    inner join possible_reasons on conditions_met.condition_code = possible_reasons.reason_code
    where possible_reasons.reason_group = 1

    union all

    select
        indicator_points.as_of_date,
        indicator_points.subscriber_id,
        indicator_points.is_in_base,
        indicator_points.is_in_local,
        possible_reasons.reason_number
    from indicator_points
    inner join possible_reasons
        on indicator_points.indicator_code = possible_reasons.reason_code
        and indicator_points.points = possible_reasons.points
        and indicator_points.indicator_value is not distinct from possible_reasons.indicator_value
    where possible_reasons.reason_group = 2

),

-- Observations whose reasons in the local model are others than in the base model.
apart as (

    select distinct
        as_of_date,
        subscriber_id
    from indicator_points
    where is_in_base <> is_in_local

),

found_by_model as (

    select
        found.as_of_date,
        found.subscriber_id,
        true as is_in_base,
        apart.subscriber_id is null as is_in_local,
        found.reason_number
    from found
    left join apart
        on found.as_of_date = apart.as_of_date
        and found.subscriber_id = apart.subscriber_id
    where found.is_in_base

    union all

    select
        found.as_of_date,
        found.subscriber_id,
        false as is_in_base,
        true as is_in_local,
        found.reason_number
    from found
    inner join apart
        on found.as_of_date = apart.as_of_date
        and found.subscriber_id = apart.subscriber_id
    where found.is_in_local

),

listed as (

    select
        as_of_date,
        subscriber_id,
        is_in_base,
        is_in_local,
        array_sort(array_agg(reason_number)) as reason_numbers
    from found_by_model
    group by as_of_date, subscriber_id, is_in_base, is_in_local

),

lists as (

    select distinct reason_numbers from listed

),

list_members as (

    select
        reason_numbers,
        {{ unnested('reason_numbers') }} as reason_number
    from lists

),

named_reasons as (

    select distinct
        reason_number,
        reason_group,
        reason_code,
        reason_en,
        reason_zh
    from possible_reasons

),

-- An indicator of both scorecards is named once, by its highest points.
named_once as (

    select
        list_members.reason_numbers,
        min(list_members.reason_number) as reason_number
    from list_members
    inner join named_reasons on list_members.reason_number = named_reasons.reason_number
    group by list_members.reason_numbers, named_reasons.reason_group, named_reasons.reason_code

),

ranked as (

    select
        reason_numbers,
        reason_number,
        row_number() over (partition by reason_numbers order by reason_number) as reason_rank
    from named_once

),

texts as (

    select
        ranked.reason_numbers,
        {{ ordered_list('named_reasons.reason_code', ',', 'ranked.reason_rank') }} as reason_codes,
        {{ ordered_list('named_reasons.reason_en', '; ', 'ranked.reason_rank') }} as reason_text_en,
        {{ ordered_list('named_reasons.reason_zh', '；', 'ranked.reason_rank') }} as reason_text_zh
    from ranked
    inner join named_reasons on ranked.reason_number = named_reasons.reason_number
    where ranked.reason_rank <= {{ parameter('max_reasons') }}
    group by ranked.reason_numbers

),

hashed_texts as (

    select
        *,
        {{ row_hash(['reason_codes', 'reason_text_en', 'reason_text_zh']) }} as list_hash
    from texts

)

select
    listed.as_of_date,
    listed.subscriber_id,
    listed.is_in_base,
    listed.is_in_local,
    hashed_texts.list_hash,
    hashed_texts.reason_codes,
    hashed_texts.reason_text_en,
    hashed_texts.reason_text_zh
from listed
inner join hashed_texts on listed.reason_numbers = hashed_texts.reason_numbers
