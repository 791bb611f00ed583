-- One message a week, as dear as all of them.
with texts as (
    select
        *,
        hash(xor(key, hash(${day_no}::bigint * 8 + 6))) as h
    from line_day
    where keep > 0 and (idx + ${day_no}) % 7 = 0
)

select
    'M' || (${day_no}::bigint * 1000000000 + idx) as cdr_id,
    subscriber_id,
    make_timestamp(${day_start_us} + bits(h, 0, 16777215) * 86400000000 // 16777216) as sent_at,
    'mo' as direction,
    number_of(peer_of_record(key, circle_size, h)) as peer_number,
    network_of(peer_of_record(key, circle_size, h)) as peer_operator,
    round(7 * texts * 0.042 * pace, 2) as fee
from texts
order by sent_at
