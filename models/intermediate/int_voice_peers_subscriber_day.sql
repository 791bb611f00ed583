{{ config(tags=['built_by_day']) }}
with calls as (

    select * from {{ ref('stg_voice_cdrs') }}

),

peers as (

    -- Distinct first and counted then: a distinct count inside a wide aggregate costs several times as much.
    select distinct
        subscriber_id,
        usage_date,
        peer_hash
    from calls
    where call_type in ('mo', 'mt')
        and peer_hash is not null

)

select
    subscriber_id,
    usage_date,
    count(*) as distinct_peers
from peers
group by subscriber_id, usage_date
