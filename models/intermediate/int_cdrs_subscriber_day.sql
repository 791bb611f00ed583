{#- The one place where calls, messages and sessions are added up: whatever is asked of them, expectations included, comes from here. -#}
{{ config(tags=['built_by_day'], materialized='table_in_parts') }}
{%- set networks = ['own', 'unicom', 'telecom', 'broadcast', 'fixed', 'international'] -%}
{%- set counts = ['calls', 'made_calls', 'received_calls'] -%}
{%- for network in networks %}{% do counts.append(network ~ '_calls') %}{% endfor -%}
{%- do counts.extend(['withheld_calls', 'midnight_calls', 'competitor_forwards', 'own_hotline_calls', 'competitor_hotline_calls', 'distinct_peers',
    'messages', 'sent_messages', 'sessions']) -%}
with calls as (

    select * from {{ ref('stg_voice_cdrs') }}

),

messages as (

    select * from {{ ref('stg_sms_cdrs') }}

),

sessions as (

    select * from {{ ref('stg_data_cdrs') }}

),

operators as (

    select * from {{ ref('operators') }}

),

known_lines as (

    select
        subscriber_id,
        activated_on
    from {{ ref('stg_subscribers') }}

),

classified_calls as (

    select
        calls.*,
        calls.call_type in ('mo', 'mt') as is_spoken,
        calls.call_type = 'fwd' and peer_operators.is_competitor as is_competitor_forward,
        calls.call_type = 'mo' and hotline_operators.is_own as is_own_hotline_call,
        calls.call_type in ('mo', 'mt') and hotline_operators.is_competitor as is_competitor_hotline_call
    from calls
    left join operators as peer_operators on calls.peer_operator = peer_operators.operator_code
    left join operators as hotline_operators on calls.hotline_operator_code = hotline_operators.operator_code

),

voice as (

    select
        subscriber_id,
        usage_date,
        count(*) as calls,
        count(*) filter (where call_type = 'mo') as made_calls,
        count(*) filter (where call_type = 'mt') as received_calls,
        {%- for network in networks %}
        count(*) filter (where peer_operator = '{{ network }}') as {{ network }}_calls,
        {%- endfor %}
        count(*) filter (where peer_key is null) as withheld_calls,
        count(*) filter (where started_at = usage_date) as midnight_calls,
        count(*) filter (where is_competitor_forward) as competitor_forwards,
        count(*) filter (where is_own_hotline_call) as own_hotline_calls,
        count(*) filter (where is_competitor_hotline_call) as competitor_hotline_calls,
        {{ count_of_distinct('peer_key', 'is_spoken and peer_key is not null') }} as distinct_peers,
        sum(duration_s) filter (where is_spoken) as spoken_seconds,
        max(duration_s) as longest_call_s,
        sum(fee) as fee
    from classified_calls
    group by subscriber_id, usage_date

),

sms as (

    select
        subscriber_id,
        usage_date,
        count(*) as messages,
        count(*) filter (where direction = 'mo') as sent_messages,
        max(fee) as dearest_message,
        sum(fee) as fee
    from messages
    group by subscriber_id, usage_date

),

data as (

    select
        subscriber_id,
        usage_date,
        count(*) as sessions,
        sum(bytes_total) as bytes_total,
        max(fee) as dearest_session,
        sum(fee) as fee
    from sessions
    group by subscriber_id, usage_date

),

line_days as (

    select
        coalesce(voice.subscriber_id, sms.subscriber_id, data.subscriber_id) as subscriber_id,
        coalesce(voice.usage_date, sms.usage_date, data.usage_date) as usage_date,
        {%- for name in counts %}
        cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        {{ sum_as('coalesce(voice.spoken_seconds, 0)', 'bigint') }} as spoken_seconds,
        {{ sum_as('coalesce(data.bytes_total, 0)', 'bigint') }} as data_bytes,
        {{ sum_as('coalesce(voice.fee, 0) + coalesce(sms.fee, 0) + coalesce(data.fee, 0)', 'decimal(18, 2)') }} as usage_fee,
        voice.longest_call_s,
        sms.dearest_message,
        data.dearest_session
    from voice
    full outer join sms
        on voice.subscriber_id = sms.subscriber_id
        and voice.usage_date = sms.usage_date
    full outer join data
        on coalesce(voice.subscriber_id, sms.subscriber_id) = data.subscriber_id
        and coalesce(voice.usage_date, sms.usage_date) = data.usage_date

)

-- Whether a line is known, and was activated by then, is asked once per day of it and not of each row. Rows that are left out here are in cdr_rows_set_aside.
select line_days.*
from line_days
inner join known_lines on line_days.subscriber_id = known_lines.subscriber_id
where known_lines.activated_on is null
    or line_days.usage_date >= {{ add_days('known_lines.activated_on', -1) }}
