{%- set cdr_tables = tables_read_by_day() -%}
with quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

),

cdr_days as (

    select * from {{ ref('int_cdr_days') }}

),

delivered_days as (

    select * from {{ source('deliveries', 'delivered_days') }}

),

delivered as (

    {% for table_name in raw_table_names() if table_name not in cdr_tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as raw_rows
    from {{ source('raw', table_name) }}
    union all
    {% endfor -%}
    {% for table_name in cdr_tables -%}
    -- Counted when the files were delivered, and not from what was read of them.
    select
        '{{ table_name }}' as table_name,
        coalesce(sum(delivered_rows), 0) as raw_rows
    from delivered_days
    where table_name = '{{ table_name }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

kept as (

    -- Each row that stays says how many delivered rows it stands for.
    {% for table_name in raw_table_names() if table_name not in cdr_tables -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as accepted_rows,
        coalesce(sum(delivered_rows), 0) - count(*) as duplicate_rows
    from {{ ref('stg_' ~ table_name) }}
    union all
    {% endfor -%}
    {% for table_name in cdr_tables -%}
    select
        '{{ table_name }}' as table_name,
        coalesce(sum(accepted_rows), 0) as accepted_rows,
        coalesce(sum(duplicate_rows), 0) as duplicate_rows
    from cdr_days
    where table_name = '{{ table_name }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

quarantined as (

    select
        table_name,
        count(*) as quarantined_rows
    from quarantined_rows
    group by table_name

)

select
    '{{ run_id() }}' as run_id,
    delivered.table_name,
    cast(delivered.raw_rows as bigint) as raw_rows,
    cast(kept.accepted_rows as bigint) as accepted_rows,
    cast(kept.duplicate_rows as bigint) as duplicate_rows,
    cast(coalesce(quarantined.quarantined_rows, 0) as bigint) as quarantined_rows
from delivered
left join kept on delivered.table_name = kept.table_name
left join quarantined on delivered.table_name = quarantined.table_name
