with contract_tables as (

    {% for table_name in raw_table_names() -%}
    select '{{ table_name }}' as table_name
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

expectations as (

    select * from {{ ref('feed_expectations') }}

)

select
    contract_tables.table_name,
    coalesce(expectations.is_provided, true) as is_provided,
    expectations.min_daily_row_share,
    expectations.max_lag_days
from contract_tables
left join expectations on contract_tables.table_name = expectations.table_name
