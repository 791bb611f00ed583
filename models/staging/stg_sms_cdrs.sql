{{ config(tags=['built_by_day'], materialized='view') }}
with delivered as (

    select * from {{ ref('chk_sms_cdrs') }}

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
    sent_at,
    cast(delivered.sent_at as date) as usage_date,
    direction,
    {{ keyed_hash(national_number('peer_number')) }} as peer_hash,
    peer_operator,
    fee,
    cast(1 as bigint) as delivered_rows
from delivered
where is_sound
    and not is_repeated
union all
select
    cdr_id,
    subscriber_id,
    event_at as sent_at,
    cast(event_at as date) as usage_date,
    event_code as direction,
    peer_hash,
    peer_operator,
    fee,
    delivered_rows
from set_aside
where table_name = 'sms_cdrs'
    and version_rank = 1
    and is_accepted
    and delivered_on in (select usage_date from shown_days)
