-- Mart fct_alert_contributions has one row per date, line, model, scorecard and indicator, and no blank among them. Its rows are looked at where they are kept,
-- where one stands for both models; told apart as in test at_most_one_row_per.
with contributions as (

    select
        as_of_date,
        subscriber_id,
        scorecard_code,
        indicator_code,
        is_in_base,
        is_in_local,
        {{ row_hash(['as_of_date', 'subscriber_id', 'scorecard_code', 'indicator_code']) }} as key_number
    from {{ of_built_observations(ref('contributions')) }} as built

),

shared_numbers as (

    select key_number
    from contributions
    group by key_number
    having count(*) > 1

)

select
    'is there more than once' as mistake,
    as_of_date,
    subscriber_id,
    scorecard_code,
    indicator_code,
    count(case when is_in_base then 1 end) as rows_in_base,
    count(case when is_in_local then 1 end) as rows_in_local
from contributions
where key_number in (select key_number from shared_numbers)
group by as_of_date, subscriber_id, scorecard_code, indicator_code
having count(case when is_in_base then 1 end) > 1
    or count(case when is_in_local then 1 end) > 1

union all

select
    'is blank' as mistake,
    as_of_date,
    subscriber_id,
    scorecard_code,
    indicator_code,
    1 as rows_in_base,
    1 as rows_in_local
from contributions
where as_of_date is null
    {%- for column in ['subscriber_id', 'scorecard_code', 'indicator_code'] %}
    or {{ column }} is null
    -- What begins with a space sorts before this, so that the engine can tell from the smallest text that none is blank.
    or ({{ column }} < '!' and trim({{ column }}) = '')
    {%- endfor %}
