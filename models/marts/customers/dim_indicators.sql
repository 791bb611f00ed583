with indicators as (

    select * from {{ ref('indicators') }}

),

scorecard_indicators as (

    select * from {{ ref('scorecard_indicators') }}

),

absent as (

    select * from {{ ref('indicators_absent') }}

),

used as (

    select
        indicator_code,
        {{ ordered_list('scorecard_code', ',', 'scorecard_code') }} as scorecard_codes
    from scorecard_indicators
    group by indicator_code

)

select
    indicators.indicator_code,
    indicators.unit,
    indicators.label_en,
    indicators.label_zh,
    used.scorecard_codes,
    absent.absent_feeds,
    indicators.source,
    indicators.note
from indicators
left join used on indicators.indicator_code = used.indicator_code
left join absent on indicators.indicator_code = absent.indicator_code
