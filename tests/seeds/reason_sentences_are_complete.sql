-- A reason sentence of an indicator holds {value} once, in both languages; the sentence of a warning condition holds
-- none and is the same in all rows of the condition.
{% set value_mark = '{value}' %}

with indicator_sentences as (
    select
        indicator_code as code,
        reason_en as sentence,
        'indicator' as kind
    from {{ ref('indicators') }}
    union all
    select
        indicator_code as code,
        reason_zh as sentence,
        'indicator' as kind
    from {{ ref('indicators') }}
),

condition_sentences as (
    select
        condition_code as code,
        min(concat(label_en, ' / ', label_zh)) as sentence,
        case when count(distinct concat(label_en, ' / ', label_zh)) > 1 then 'condition with several sentences' else 'condition' end as kind
    from {{ ref('warning_conditions') }}
    group by condition_code
),

sentences as (
    select
        code,
        sentence,
        kind
    from indicator_sentences
    union all
    select
        code,
        sentence,
        kind
    from condition_sentences
),

counted as (
    select
        *,
        (length(sentence) - length(replace(sentence, '{{ value_mark }}', ''))) / {{ value_mark | length }} as value_marks
    from sentences
)

select *
from counted
where (kind = 'indicator' and value_marks <> 1)
    or (kind = 'condition' and value_marks <> 0)
    or kind = 'condition with several sentences'
