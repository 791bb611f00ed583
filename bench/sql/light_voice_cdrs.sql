-- One call every other day, as long and as dear as the calls of two days.
with calls as (
    select
        *,
        hash(xor(key, hash(${day_no}::bigint * 8 + 5))) as h
    from line_day
    where keep > 0 and (idx + ${day_no}) % 2 = 0
),

drawn as (
    select
        *,
        hash(h) as more,
        slice(h, 0) as chance,
        peer_of_record(key, circle_size, hash(h)) as peer_key,
        pace * (0.8 + 0.4 * slice(h, 20)) as amount
    from calls
)

select
    'V' || (${day_no}::bigint * 1000000000 + idx) as cdr_id,
    subscriber_id,
    make_timestamp(${day_start_us} + bits(more, 0, 16777215) * 86400000000 // 16777216) as started_at,
    case when chance < 2 * (own_hotline + competitor_hotline) or chance >= 2 * (own_hotline + competitor_hotline + forwards) then 'mo' else 'fwd' end as call_type,
    case when chance < 2 * own_hotline then '10086' when chance < 2 * (own_hotline + competitor_hotline) then '10010' else number_of(peer_key) end as peer_number,
    case
        when chance < 2 * own_hotline then 'own'
        when chance < 2 * (own_hotline + competitor_hotline) then 'unicom'
        when chance < 2 * (own_hotline + competitor_hotline + forwards) then 'telecom'
        else network_of(peer_key)
    end as peer_operator,
    (2 * calls * 75 * amount)::bigint as duration_s,
    round(2 * voice_yuan * amount, 2) as fee
from drawn
order by started_at
