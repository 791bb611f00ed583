-- Special conditions of the early warning that hold. A row whose indicator is not known does not hold.
with indicators as (

    select * from {{ ref('indicators_to_build') }}

),

warning_conditions as (

    select * from {{ ref('warning_conditions') }}

)

select distinct
    indicators.as_of_date,
    indicators.subscriber_id,
    warning_conditions.condition_code
from indicators
inner join warning_conditions on indicators.indicator_code = warning_conditions.indicator_code
where (warning_conditions.operator = '>' and indicators.indicator_value > warning_conditions.threshold)
    or (warning_conditions.operator = '>=' and indicators.indicator_value >= warning_conditions.threshold)
