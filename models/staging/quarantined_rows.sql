-- Every delivered row that broke a row rule, as delivered, personal data starred out.
with rejected as (

    {% for table_name in raw_table_names() if table_name not in tables_read_by_day() -%}
    select
        {%- for rule in row_rules() %}
        breaks_{{ rule }},
        {%- endfor %}
        '{{ table_name }}' as table_name,
        row_key,
        row_json
    from {{ ref('chk_' ~ table_name) }}
    where not is_accepted
    union all
    {% endfor -%}
    select
        {%- for rule in row_rules() %}
        breaks_{{ rule }},
        {%- endfor %}
        table_name,
        row_key,
        row_json
    from {{ ref('quarantined_cdr_rows') }}

)

select
    {%- for rule in row_rules() %}
    breaks_{{ rule }},
    {%- endfor %}
    table_name,
    row_key,
    row_json,
    md5(concat(table_name, row_json)) as row_hash,
    -- Two deliveries of the same broken row are two rows.
    row_number() over (partition by table_name, row_json order by row_key) as delivery_number
from rejected
