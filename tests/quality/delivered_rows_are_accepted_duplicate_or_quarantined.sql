-- Nothing is lost between the raw tables and staging.
select
    table_name,
    raw_rows,
    accepted_rows,
    duplicate_rows,
    quarantined_rows
from {{ ref('dq_reconciliation') }}
where raw_rows <> accepted_rows + duplicate_rows + quarantined_rows
