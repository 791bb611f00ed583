with quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

),

first_seen as (

    select * from {{ ref('quarantine_first_seen') }}

),

broken_rules as (

    {% for rule in row_rules() -%}
    select
        table_name,
        '{{ rule }}' as rule_code,
        row_key,
        row_json,
        row_hash,
        delivery_number
    from quarantined_rows
    where breaks_{{ rule }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    broken_rules.table_name,
    broken_rules.rule_code,
    broken_rules.row_key,
    broken_rules.row_json,
    cast(broken_rules.delivery_number as integer) as delivery_number,
    first_seen.first_seen_run_id
from broken_rules
left join first_seen on broken_rules.row_hash = first_seen.row_hash
