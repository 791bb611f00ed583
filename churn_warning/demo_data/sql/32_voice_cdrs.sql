WITH calls_delivered AS (
    SELECT
        t.*,
        -- The second delivery of the last call is the same call.
        least(c.copy_no, t.calls - 1) AS call_no,
        hash(xor(t.day_key, hash(least(c.copy_no, t.calls - 1) * 4 + 1))) AS call_key
    FROM line_days AS t
    JOIN copies AS c ON t.call_deliveries = c.copy_count
),

calls_drawn AS (
    SELECT
        *,
        hash(call_key) AS more_key,
        peer_of(key, CASE
            WHEN slice(call_key, 40) < ${usage_stranger_share} THEN 1000 + bits(call_key, 0, 1048575)
            -- The square bends the choice to the closest people.
            ELSE floor(circle_size * slice(call_key, 0) * slice(call_key, 0))::BIGINT
        END) AS peer_key,
        -- The mean of two waiting times: long calls are rarer than with one.
        (-ln((1 - slice(call_key, 20)) * (1 - slice(more_key, 40))) / 2 * ${usage_call_seconds})::INTEGER AS duration_s
    FROM calls_delivered
),

calls AS (
    SELECT
        *,
        network_no(peer_key) AS network,
        bits(more_key, 0, 1) = 0 AS is_made,
        bits(more_key, 20, 255) AS form,
        bits(more_key, 40, 1048575) AS fault
    FROM calls_drawn
),

calls_numbered AS (
    SELECT
        *,
        peer_digits(peer_key, network, idx)::VARCHAR AS digits
    FROM calls
),

people_calls AS (
    SELECT
        day,
        (day_number * 10000000000 + idx * 1000 + call_no)::VARCHAR AS cdr_id,
        CASE WHEN fault < ${dirt_step} THEN 'X' || idx ELSE subscriber_id END AS subscriber_id,
        CASE WHEN fault < ${dirt_step} OR fault >= 2 * ${dirt_step} THEN clock_time(day_start_us, more_key >> 1) END AS started_at,
        CASE
            WHEN fault >= 2 * ${dirt_step} AND fault < 3 * ${dirt_step} THEN 'transit'
            WHEN is_made THEN 'mo'
            ELSE 'mt'
        END AS call_type,
        -- A withheld number; the same number written in another way.
        CASE WHEN form = 0 THEN NULL WHEN form < 12 THEN '+86' || digits ELSE digits END AS peer_number,
        network_name(network) AS peer_operator,
        CASE WHEN fault >= 3 * ${dirt_step} AND fault < 4 * ${dirt_step} THEN -1 ELSE duration_s END::BIGINT AS duration_s,
        CASE WHEN is_made THEN money(minute_fee * ((duration_s + 59) // 60)) ELSE 0 END::DECIMAL(18, 2) AS fee
    FROM calls_numbered
),

-- Forwarded calls, then calls with a competitor's service line, then calls to the own one.
line_calls_drawn AS (
    SELECT
        t.*,
        c.copy_no AS call_no,
        CASE
            WHEN c.copy_no < t.forward_calls THEN 'forward'
            WHEN c.copy_no < t.forward_calls + t.competitor_calls THEN 'competitor'
            ELSE 'own'
        END AS sort,
        hash(xor(t.day_key, hash(c.copy_no * 4))) AS call_key,
        peer_of(t.key, -1) AS second_number_key
    FROM (SELECT * FROM line_days WHERE line_calls > 0) AS t
    JOIN copies AS c ON t.line_calls = c.copy_count
),

line_calls AS (
    SELECT
        *,
        CASE
            WHEN sort = 'own' THEN 1
            WHEN sort = 'competitor' THEN [2, 2, 2, 2, 3, 3, 3, 4][1 + bits(call_key, 0, 7)]
            -- Whoever always forwards, forwards mostly to another own number or to the office.
            WHEN forwards_always AND bits(second_number_key, 50, 3) > 0 THEN [1, 1, 1, 5][1 + bits(second_number_key, 0, 3)]
            ELSE [2, 2, 2, 2, 3, 3, 3, 4][1 + bits(second_number_key, 0, 7)]
        END AS network
    FROM line_calls_drawn
),

line_records AS (
    SELECT
        day,
        (day_number * 10000000000 + idx * 1000 + 900 + call_no)::VARCHAR AS cdr_id,
        subscriber_id,
        clock_time(day_start_us, call_key >> 3) AS started_at,
        CASE
            WHEN sort = 'forward' THEN 'fwd'
            WHEN sort = 'own' OR bits(call_key, 30, 15) < 11 THEN 'mo'
            ELSE 'mt'
        END AS call_type,
        CASE WHEN bits(call_key, 34, 31) = 0 THEN '+86' ELSE '' END
        || CASE WHEN sort = 'forward' THEN peer_digits(second_number_key, network, idx)::VARCHAR
            ELSE getvariable('service_lines')[network] END AS peer_number,
        network_name(network) AS peer_operator,
        CASE WHEN sort = 'forward' THEN 0 ELSE 20 + bits(call_key, 40, 511) END AS duration_s,
        CASE WHEN sort = 'forward' THEN 0.10 ELSE 0 END::DECIMAL(18, 2) AS fee
    FROM line_calls
)

SELECT * FROM people_calls
UNION ALL
SELECT * FROM line_records
