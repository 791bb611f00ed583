WITH delivered AS (
    SELECT
        t.*,
        least(c.copy_no, t.texts - 1) AS text_no,
        hash(xor(t.day_key, hash(least(c.copy_no, t.texts - 1) * 4 + 2))) AS text_key
    FROM line_days AS t
    JOIN copies AS c ON t.text_deliveries = c.copy_count
),

drawn AS (
    SELECT
        *,
        hash(text_key) AS more_key,
        peer_of(key, floor(circle_size * slice(text_key, 0) * slice(text_key, 0))) AS peer_key,
        slice(text_key, 20) < ${usage_sms_sent_share} AS is_sent
    FROM delivered
),

texts AS (
    SELECT
        *,
        -- A friend on a fixed line has a mobile phone for this.
        CASE network_no(peer_key) WHEN 5 THEN 1 ELSE network_no(peer_key) END AS network,
        bits(more_key, 40, 1048575) AS fault
    FROM drawn
)

SELECT
    day,
    (day_number * 10000000000 + idx * 1000 + text_no)::VARCHAR AS cdr_id,
    CASE WHEN fault < ${dirt_step} THEN 'X' || idx ELSE subscriber_id END AS subscriber_id,
    CASE WHEN fault < ${dirt_step} OR fault >= 2 * ${dirt_step} THEN clock_time(day_start_us, more_key >> 1) END AS sent_at,
    CASE
        WHEN fault >= 2 * ${dirt_step} AND fault < 3 * ${dirt_step} THEN 'both'
        WHEN is_sent THEN 'mo'
        ELSE 'mt'
    END AS direction,
    CASE WHEN bits(more_key, 20, 31) = 0 THEN '+86' ELSE '' END || peer_digits(peer_key, network, idx)::VARCHAR AS peer_number,
    network_name(network) AS peer_operator,
    CASE
        WHEN fault >= 3 * ${dirt_step} AND fault < 4 * ${dirt_step} THEN -0.10
        WHEN is_sent THEN 0.10
        ELSE 0
    END::DECIMAL(18, 2) AS fee
FROM texts
