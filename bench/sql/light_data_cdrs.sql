-- One session every other day (those without a call), with the bytes and the fee of two days.
with sessions as (
    select
        *,
        hash(xor(key, hash(${day_no}::bigint * 8 + 7))) as h
    from line_day
    where keep > 0 and (idx + ${day_no}) % 2 = 1
)

select
    'D' || (${day_no}::bigint * 1000000000 + idx) as cdr_id,
    subscriber_id,
    make_timestamp(${day_start_us} + bits(h, 0, 16777215) * 86400000000 // 16777216) as started_at,
    (2 * data_mb * pace * (0.8 + 0.4 * slice(h, 24)) * 1048576)::bigint as bytes_total,
    round(2 * data_yuan * pace * (0.8 + 0.4 * slice(h, 24)), 2) as fee
from sessions
order by started_at
