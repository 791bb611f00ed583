-- Built once all tables that are built by day are done: by which lines their rows were accepted.
-- depends_on: {{ ref('int_usage_subscriber_day') }}, {{ ref('int_rare_calls_subscriber_day') }}, {{ ref('int_cdr_days') }}, {{ ref('int_cdr_tied_days') }}, {{ ref('quarantined_cdr_rows') }}
with subscribers as (

    select * from {{ ref('stg_subscribers') }}

)

select
    subscriber_id,
    activated_on
from subscribers
