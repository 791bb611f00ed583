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
        coalesce(sum(duration_s) filter (where call_type in ('mo', 'mt')), 0) as voice_seconds,
        count(*) filter (where call_type in ('mo', 'mt')) as voice_calls,
        count(*) filter (where call_type = 'mo') as voice_mo_calls,
        sum(fee) as voice_fee
    from calls
    group by subscriber_id, usage_date

),

sms as (

    select
        subscriber_id,
        usage_date,
        count(*) filter (where direction = 'mo') as sms_mo_messages,
        sum(fee) as sms_fee
    from messages
    group by subscriber_id, usage_date

),

data as (

    select
        subscriber_id,
        usage_date,
        count(*) as data_sessions,
        sum(bytes_total) as data_bytes,
        sum(fee) as data_fee
    from sessions
    group by subscriber_id, usage_date

),

days as (

    select subscriber_id, usage_date from voice
    union
    select subscriber_id, usage_date from sms
    union
    select subscriber_id, usage_date from data

)

select
    days.subscriber_id,
    days.usage_date,
    cast(coalesce(voice.voice_seconds, 0) as bigint) as voice_seconds,
    cast(coalesce(voice.voice_calls, 0) as bigint) as voice_calls,
    cast(coalesce(peers.distinct_peers, 0) as bigint) as distinct_peers,
    cast(coalesce(data.data_bytes, 0) as decimal(38, 0)) as data_bytes,
    cast(coalesce(voice.voice_fee, 0) + coalesce(sms.sms_fee, 0) + coalesce(data.data_fee, 0) as decimal(18, 2)) as usage_fee,
    coalesce(voice.voice_mo_calls, 0) + coalesce(sms.sms_mo_messages, 0) + coalesce(data.data_sessions, 0) > 0 as is_active_day
from days
left join voice on days.subscriber_id = voice.subscriber_id and days.usage_date = voice.usage_date
left join sms on days.subscriber_id = sms.subscriber_id and days.usage_date = sms.usage_date
left join data on days.subscriber_id = data.subscriber_id and days.usage_date = data.usage_date
left join peers on days.subscriber_id = peers.subscriber_id and days.usage_date = peers.usage_date
