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
        -ln(1 - slice(h, 0)) as amount,
        floor(pow((bits(h, 20, 1099511627775) / 1099511627776.0), 1.5) * ${subscribers})::bigint as idx
    from numbered
)

select
    'D' || (${day_no}::bigint * 1000000000 + r) as cdr_id,
    line_day.subscriber_id,
    make_timestamp(${day_start_us} + (r * 86400000000::hugeint // ${draws})::bigint) as started_at,
    (line_day.data_mb / line_day.sessions * amount * 1048576)::bigint as bytes_total,
    round(line_day.data_yuan / line_day.sessions * amount, 2) as fee
from drawn
inner join line_day on drawn.idx = line_day.idx
where bits(more, 0, 65535) / 65536.0 < line_day.keep
