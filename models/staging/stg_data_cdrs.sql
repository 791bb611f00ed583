{{ config(tags=['built_by_day'], materialized='view') }}
with delivered as (

    select * from {{ ref('chk_data_cdrs') }}

),

set_aside as (

    select * from {{ ref('cdr_rows_set_aside') }}

),

shown_days as (

    select * from {{ source('deliveries', 'shown_days') }}

)

select
    cdr_id,
    subscriber_id,
    started_at,
    cast(delivered.started_at as date) as usage_date,
    bytes_total,
    fee,
    cast(1 as bigint) as delivered_rows
from delivered
where is_sound
    and not is_repeated
union all
select
    cdr_id,
    subscriber_id,
    event_at as started_at,
    cast(event_at as date) as usage_date,
    amount as bytes_total,
    fee,
    delivered_rows
from set_aside
where table_name = 'data_cdrs'
    and version_rank = 1
    and is_accepted
    and delivered_on in (select usage_date from shown_days)
