-- A row is never rejected without a reason: the rows counted as quarantined are the rows that stand in the quarantine mart.
with counted as (

    select table_name, quarantined_rows from {{ ref('dq_reconciliation') }}

),

listed as (

    select table_name, count(*) as listed_rows
    from (select distinct table_name, row_json, delivery_number from {{ ref('dq_quarantine') }}) as delivered
    group by table_name

)

select
    counted.table_name,
    counted.quarantined_rows,
    coalesce(listed.listed_rows, 0) as listed_rows
from counted
left join listed on counted.table_name = listed.table_name
where counted.quarantined_rows <> coalesce(listed.listed_rows, 0)
