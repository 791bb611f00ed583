{%- set families = ['status', 'usage', 'rare_calls', 'arrears', 'bills', 'handset', 'complaints', 'contacts', 'contracts', 'services', 'ties'] -%}
with measured as (

    {% for family in families -%}
    select as_of_date, subscriber_id, indicator_code, indicator_value, indicator_status from {{ ref('ind_' ~ family) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

absent as (

    select * from {{ ref('indicators_absent') }}

)

select
    measured.as_of_date,
    measured.subscriber_id,
    measured.indicator_code,
    case when absent.indicator_code is null then measured.indicator_value end as indicator_value,
    case when absent.indicator_code is null then measured.indicator_status else 'feed_absent' end as indicator_status
from measured
left join absent on measured.indicator_code = absent.indicator_code
