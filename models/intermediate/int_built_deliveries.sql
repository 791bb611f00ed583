-- Built last: what the tables that are built by day now stand for. A run that is broken off before leaves the old one, and the next run builds its days again.
-- depends_on: {{ ref('int_built_subscribers') }}
with delivered as (

    select * from {{ source('deliveries', 'delivered_days') }}

),

-- All rows of a batch carry the same id; a run without days to build makes none, and leaves nothing undone.
batch as (

    select max(batch_id) as batch_id from {{ ref('cdr_days_to_build') }}

)

select
    delivered.table_name,
    delivered.file_name,
    delivered.file_bytes,
    delivered.modified_at,
    delivered.delivered_on,
    '{{ usage_rules_hash() }}' as rules_hash,
    batch.batch_id
from delivered
cross join batch
