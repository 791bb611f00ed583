-- One record is a day's traffic of a line.
WITH drawn AS (
    SELECT
        t.*,
        hash(xor(t.day_key, hash(3::BIGINT))) AS record_key
    FROM line_days AS t
    JOIN copies AS c ON t.record_deliveries = c.copy_count
),

records AS (
    SELECT
        *,
        hash(record_key) AS more_key,
        -ln(1 - slice(record_key, 0)) AS amount,
        bits(record_key, 40, 1048575) AS fault
    FROM drawn
)

SELECT
    day,
    (day_number * 10000000000 + idx * 1000)::VARCHAR AS cdr_id,
    CASE WHEN fault < ${dirt_step} THEN 'X' || idx ELSE subscriber_id END AS subscriber_id,
    CASE WHEN fault < ${dirt_step} OR fault >= 2 * ${dirt_step} THEN clock_time(day_start_us, more_key >> 1) END AS started_at,
    CASE WHEN fault >= 2 * ${dirt_step} AND fault < 4 * ${dirt_step} THEN -1
        ELSE (day_mb * (1 - ${usage_data_burst} + ${usage_data_burst} * amount) * 1048576)::BIGINT END AS bytes_total,
    money(record_fee * (1 - ${usage_data_fee_burst} + ${usage_data_fee_burst} * amount)) AS fee
FROM records
