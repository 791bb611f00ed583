-- How many records of each sort every living line makes on each day of a batch (table batch_days: see generator.py).
CREATE OR REPLACE TEMP TABLE line_days AS
WITH living AS (
    SELECT w.*, d.*
    FROM batch_days AS d
    CROSS JOIN this_week AS w
    WHERE w.activated_on <= d.day AND (w.leave_on IS NULL OR d.day < w.leave_on OR d.day >= w.return_on)
),

present AS (
    SELECT
        l.*,
        hash(xor(key, hash(day_no * 8 + 1))) AS day_key,
        sign_depth(day, sign_from, anchor_on, leaves, recover_days) AS depth
    FROM living AS l
    ANTI JOIN (SELECT idx, day FROM off_days WHERE day BETWEEN DATE '${batch_start}' AND DATE '${batch_end}') AS o
        ON l.idx = o.idx AND l.day = o.day
),

keyed AS (
    SELECT
        *,
        week_pace * (1 - usage_fall * depth) AS pace,
        hash(xor(day_key, 1::UBIGINT)) AS count_key,
        hash(xor(day_key, 2::UBIGINT)) AS chance_key,
        hash(xor(day_key, 3::UBIGINT)) AS more_key
    FROM present
),

counted AS (
    SELECT
        day,
        day_number,
        day_start_us,
        idx,
        key,
        subscriber_id,
        day_key,
        circle_size,
        minute_fee,
        record_fee,
        data_mb * data_factor * pace AS day_mb,
        forwards_always,
        -- Counts vary more than Poisson: some days are busy, some are silent.
        least(
            floor(
                voice_rate * voice_factor * CASE WHEN is_business THEN business_factor ELSE 1 END
                * pace * (1 - ${usage_voice_burst} - ${usage_voice_burst} * ln(1 - slice(count_key, 0))) + slice(count_key, 20)
            ), 150
        )::BIGINT AS calls,
        least(
            floor(sms_rate * sms_factor * pace * (1 - ${usage_sms_burst} - ${usage_sms_burst} * ln(1 - slice(count_key, 40))) + slice(more_key, 0)), 150
        )::BIGINT AS texts,
        CASE WHEN slice(more_key, 20) < data_rate * least(1, 0.25 + 0.85 * pace) THEN 1 ELSE 0 END AS records,
        CASE
            WHEN slice(chance_key, 0) < forwards * depth THEN 1 + bits(day_key, 0, 1)
            WHEN forwards_always AND slice(chance_key, 0) < ${usage_habitual_forward} THEN 1 + bits(day_key, 0, 1)
            ELSE 0
        END AS forward_calls,
        CASE WHEN slice(chance_key, 20) < ${usage_competitor_hotline} + competitor_hotline * depth THEN 1 ELSE 0 END AS competitor_calls,
        CASE WHEN slice(chance_key, 40) < ${usage_own_hotline} + own_hotline * depth THEN 1 ELSE 0 END AS service_calls,
        CASE WHEN slice(more_key, 40) < ${dirt_cdr_duplicate_share} THEN 1 ELSE 0 END AS extra_deliveries
    FROM keyed
    UNION ALL
    -- A shop tests some new lines on the day before activation; a few records carry an impossible date.
    SELECT
        d.day, d.day_number, d.day_start_us, w.idx, w.key, w.subscriber_id, hash(xor(w.key, hash(d.day_no * 8 + 1))), w.circle_size,
        w.minute_fee, w.record_fee, w.data_mb, false, 1, 0, 1, 0, 0, 0, 0
    FROM batch_days AS d
    CROSS JOIN this_week AS w
    WHERE (w.activated_on - 1 = d.day AND unit(w.key, 'shop test') < ${dirt_shop_test_share})
        OR (w.activated_on - 4 = d.day AND unit(w.key, 'impossible date') < ${dirt_impossible_date_share})
)

SELECT
    *,
    -- The last record of each sort is delivered twice now and then.
    CASE WHEN calls > 0 THEN calls + extra_deliveries ELSE 0 END AS call_deliveries,
    CASE WHEN texts > 0 THEN texts + extra_deliveries ELSE 0 END AS text_deliveries,
    CASE WHEN records > 0 THEN records + extra_deliveries ELSE 0 END AS record_deliveries,
    forward_calls + competitor_calls + service_calls AS line_calls
FROM counted
ORDER BY day, idx;
