with quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

),

delivered as (

    {% for table_name in raw_table_names() -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as raw_rows
    from {{ source('raw', table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

kept as (

    -- Each row that stays says how many delivered rows it stands for.
    {% for table_name in raw_table_names() -%}
    select
        '{{ table_name }}' as table_name,
        count(*) as accepted_rows,
        coalesce(sum(delivered_rows), 0) - count(*) as duplicate_rows
    from {{ ref('stg_' ~ table_name) }}
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
