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
        slice(h, 0) < 0.42 as is_sent,
        floor(pow((bits(h, 20, 1099511627775) / 1099511627776.0), 1.5) * ${subscribers})::bigint as idx
    from numbered
),

texts as (
    select
        drawn.*,
        line_day.subscriber_id,
        peer_of_record(line_day.key, line_day.circle_size, more) as peer_key
    from drawn
    inner join line_day on drawn.idx = line_day.idx
    where bits(more, 0, 65535) / 65536.0 < line_day.keep
)

select
    'M' || (${day_no}::bigint * 1000000000 + r) as cdr_id,
    subscriber_id,
    make_timestamp(${day_start_us} + (r * 86400000000::hugeint // ${draws})::bigint) as sent_at,
    case when is_sent then 'mo' else 'mt' end as direction,
    number_of(peer_key) as peer_number,
    network_of(peer_key) as peer_operator,
    case when is_sent then 0.10 else 0 end as fee
from texts
