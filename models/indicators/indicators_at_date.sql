{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', meta={'built_in_parts': true}, pre_hook="{{ delete_observations_to_build() }}") }}
-- Every watched line at every date with one column per indicator: kept from run to run.
with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}

),

{% for family in indicator_columns() %}
{{ family }} as (

    select * from {{ ref('ind_' ~ family) }}
    where {{ is_in_part('as_of_date') }}
        {%- if family in families_of_zeros() %}
        -- What is 0 throughout, as for most lines, is put back below: so the tables to join stay small.
        and ({{ indicator_columns()[family] | join(' = 0 and ') }} = 0) is not true
        {%- endif %}

),

{% endfor %}

absent as (

    -- One row: how often an indicator cannot be known for want of a feed, whatever the tables seem to say.
    select
        {%- for code in indicator_columns().values() | sum(start=[]) %}
        count(case when indicator_code = '{{ code }}' then 1 end) as {{ code }},
        {%- endfor %}
        count(*) as indicators
    from {{ ref('indicators_absent') }}

)

select
    targets.as_of_date,
    targets.subscriber_id,
    {%- for family, codes in indicator_columns().items() %}
    {%- for code in codes %}
    {%- if family in families_of_zeros() %}
    case when absent.{{ code }} = 0 then case when {{ family }}.subscriber_id is null then 0 else {{ family }}.{{ code }} end end as {{ code }},
    {%- else %}
    case when absent.{{ code }} = 0 then {{ family }}.{{ code }} end as {{ code }},
    {%- endif %}
    {%- endfor %}
    {%- for column in unknown_because_columns().get(family, []) %}
    {{ family }}.{{ column }},
    {%- endfor %}
    {%- endfor %}
    targets.history_days
from targets
cross join absent
{%- for family in indicator_columns() %}
left join {{ family }}
    on targets.as_of_date = {{ family }}.as_of_date
    and targets.subscriber_id = {{ family }}.subscriber_id
{%- endfor %}
