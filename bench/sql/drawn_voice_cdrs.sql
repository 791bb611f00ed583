-- Records in the order of time; whose record it is, is drawn.
with numbered as (
    select
        r,
        hash(r + ${day_no}::bigint * 1000000000 + ${salt} * 100000000000000 + ${seed}::bigint * 1000000000000000) as h
    from range(${draws}) as numbers (r)
),

drawn as (
    select
        r,
        hash(h) as more,
        slice(h, 0) as chance,
        bits(h, 60, 1) = 0 as is_made,
        floor(pow((bits(h, 20, 1099511627775) / 1099511627776.0), 1.5) * ${subscribers})::bigint as idx
    from numbered
),

calls as (
    select
        drawn.*,
        line_day.subscriber_id,
        line_day.voice_yuan / (0.5 * line_day.calls) as call_yuan,
        -- What a line does on a day is spread over its calls.
        own_hotline / calls / pace as own_below,
        (own_hotline + competitor_hotline) / calls / pace as competitor_below,
        (own_hotline + competitor_hotline + forwards) / calls / pace as forward_below,
        peer_of_record(line_day.key, line_day.circle_size, more) as peer_key,
        -ln(1 - slice(more, 16)) as length
    from drawn
    inner join line_day on drawn.idx = line_day.idx
    where bits(more, 0, 65535) / 65536.0 < line_day.keep
)

select
    'V' || (${day_no}::bigint * 1000000000 + r) as cdr_id,
    subscriber_id,
    make_timestamp(${day_start_us} + (r * 86400000000::hugeint // ${draws})::bigint) as started_at,
    case
        when chance < competitor_below then 'mo'
        when chance < forward_below then 'fwd'
        when is_made then 'mo'
        else 'mt'
    end as call_type,
    case
        when chance < own_below then '10086'
        when chance < competitor_below then '10010'
        else number_of(peer_key)
    end as peer_number,
    case
        when chance < own_below then 'own'
        when chance < competitor_below then 'unicom'
        when chance < forward_below then 'telecom'
        else network_of(peer_key)
    end as peer_operator,
    (length * 75)::bigint as duration_s,
    case when is_made or chance < forward_below then round(call_yuan * length, 2) else 0 end as fee
from calls
