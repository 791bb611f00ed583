{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
with calls as (

    select * from {{ ref('stg_voice_cdrs') }}

),

operators as (

    select * from {{ ref('operators') }}

),

classified as (

    select
        calls.subscriber_id,
        calls.usage_date,
        calls.call_type = 'fwd' and peer_operators.is_competitor as is_competitor_forward,
        calls.call_type = 'mo' and hotline_operators.is_own as is_own_hotline_call,
        calls.call_type in ('mo', 'mt') and hotline_operators.is_competitor as is_competitor_hotline_call
    from calls
    left join operators as peer_operators on calls.peer_operator = peer_operators.operator_code
    left join operators as hotline_operators on calls.hotline_operator_code = hotline_operators.operator_code
    where calls.call_type = 'fwd'
        or calls.hotline_operator_code is not null

)

select
    subscriber_id,
    usage_date,
    count(*) filter (where is_competitor_forward) as competitor_forwards,
    count(*) filter (where is_own_hotline_call) as own_hotline_calls,
    count(*) filter (where is_competitor_hotline_call) as competitor_hotline_calls
from classified
where is_competitor_forward or is_own_hotline_call or is_competitor_hotline_call
group by subscriber_id, usage_date
