{#- Records that lie in more than one row are few, and only they need to be compared. They are told by a hash of their key: it takes less room than the keys,
    and another record that happens to share it is compared for nothing. -#}
{{ config(tags=['built_by_day']) }}
{%- set tables = tables_read_by_day() -%}
-- depends_on: {{ ref('cdr_files_to_read') }}
{% for table_name in tables -%}
{{ 'with' if loop.first }} keys_{{ table_name }} as (

    select {{ row_hash([cdr_key('cdr_id')]) }} as key_hash
    from {{ source('raw', table_name) }}
    where cdr_id is not null

),

{% endfor -%}
repeated as (

    {% for table_name in tables -%}
    select
        '{{ table_name }}' as table_name,
        key_hash
    from keys_{{ table_name }}
    group by key_hash
    having count(*) > 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name,
    key_hash
from repeated
