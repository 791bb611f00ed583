{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
-- Everything that a line did on a day, one row per line and day with any record. Each kind of record is summed by itself and added up at the end.
with calls as (

    select * from {{ ref('stg_voice_cdrs') }}

),

messages as (

    select * from {{ ref('stg_sms_cdrs') }}

),

sessions as (

    select * from {{ ref('stg_data_cdrs') }}

),

peers as (

    select * from {{ ref('int_voice_peers_subscriber_day') }}

),

voice as (

    select
        subscriber_id,
        usage_date,
        sum(duration_s) filter (where call_type in ('mo', 'mt')) as voice_seconds,
        count(*) filter (where call_type in ('mo', 'mt')) as voice_calls,
        count(*) filter (where call_type = 'mo') as voice_mo_calls,
        sum(fee) as usage_fee
    from calls
    group by subscriber_id, usage_date

),

sms as (

    select
        subscriber_id,
        usage_date,
        count(*) filter (where direction = 'mo') as sms_mo_messages,
        sum(fee) as usage_fee
    from messages
    group by subscriber_id, usage_date

),

data as (

    select
        subscriber_id,
        usage_date,
        count(*) as data_sessions,
        sum(bytes_total) as data_bytes,
        sum(fee) as usage_fee
    from sessions
    group by subscriber_id, usage_date

),

parts as (

    select subscriber_id, usage_date, voice_seconds, voice_calls, 0 as distinct_peers, 0 as data_bytes, usage_fee, voice_mo_calls as activities
    from voice
    union all
    select subscriber_id, usage_date, 0 as voice_seconds, 0 as voice_calls, distinct_peers, 0 as data_bytes, 0 as usage_fee, 0 as activities
    from peers
    union all
    select subscriber_id, usage_date, 0 as voice_seconds, 0 as voice_calls, 0 as distinct_peers, 0 as data_bytes, usage_fee, sms_mo_messages as activities
    from sms
    union all
    select subscriber_id, usage_date, 0 as voice_seconds, 0 as voice_calls, 0 as distinct_peers, data_bytes, usage_fee, data_sessions as activities
    from data

)

select
    subscriber_id,
    usage_date,
    {{ sum_as('coalesce(sum(voice_seconds), 0)', 'bigint') }} as voice_seconds,
    cast(sum(voice_calls) as bigint) as voice_calls,
    cast(sum(distinct_peers) as bigint) as distinct_peers,
    {{ sum_as('sum(data_bytes)', 'bigint') }} as data_bytes,
    {{ sum_as('sum(usage_fee)', 'decimal(18, 2)') }} as usage_fee,
    sum(activities) > 0 as is_active_day
from parts
group by subscriber_id, usage_date
