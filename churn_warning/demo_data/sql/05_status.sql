-- Status events, and the days without any traffic that follow from them.
CREATE TABLE status_spans AS
WITH leaver_moments AS (
    SELECT e.*, p.activated_on
    FROM episodes AS e
    JOIN people AS p ON e.idx = p.idx
),

-- A span ends with 'active' unless ends_active is false (then the next span's event follows).
episode_spans AS (
    -- Arrears: a first warning suspension, then the last one.
    SELECT idx, key, 'suspended_arrears' AS status_code, anchor_on - whole(key, 'first stop', 62, 80) AS from_day,
        anchor_on - whole(key, 'first stop', 62, 80) + whole(key, 'first stop days', 2, 12) AS to_day, true AS ends_active
    FROM leaver_moments
    WHERE kind = 'arrears' AND leaves AND unit(key, 'stopped before') < ${churn_first_stop_share}
    UNION ALL
    SELECT idx, key, 'suspended_arrears', anchor_on - whole(key, 'last stop', 20, 45), anchor_on - 1, false
    FROM leaver_moments WHERE kind = 'arrears' AND leaves
    UNION ALL
    SELECT idx, key, 'suspended_arrears', anchor_on, anchor_on + whole(key, 'stop days', 1, 12), true
    FROM leaver_moments WHERE kind = 'arrears' AND NOT leaves AND unit(key, 'stopped') < ${churn_stopped_share}
    UNION ALL
    SELECT idx, key, 'suspended_on_request', anchor_on - whole(key, 'rest', 12, 35), anchor_on - 1, false
    FROM leaver_moments WHERE kind = 'moving' AND leaves AND unit(key, 'rests') < ${churn_rest_share}
    UNION ALL
    SELECT idx, key, 'suspended_on_request', anchor_on - 5, anchor_on + whole(key, 'rest', 5, 25), true
    FROM leaver_moments WHERE kind = 'moving' AND NOT leaves AND unit(key, 'rests') < ${churn_short_rest_share}
),

monthly AS (
    SELECT
        p.idx,
        part_key(p.key, m.month_no) AS key,
        m.month_start,
        p.activated_on,
        e.anchor_on,
        CASE
            WHEN unit(part_key(p.key, m.month_no), 'status') < ${status_reported_suspended_month} THEN 'reported_suspended'
            WHEN unit(part_key(p.key, m.month_no), 'status')
                < ${status_reported_suspended_month} + ${status_short_arrears_month} * CASE WHEN p.is_late_payer THEN 8 ELSE 1 END
                THEN 'suspended_arrears'
            WHEN unit(part_key(p.key, m.month_no), 'trip') < ${status_business_trip_month} THEN 'suspended_on_request'
        END AS status_code
    FROM people AS p
    CROSS JOIN months AS m
    LEFT JOIN episodes AS e ON p.idx = e.idx
    WHERE m.month_start >= DATE '${first_day}' - 190
),

background_spans AS (
    SELECT
        idx,
        key,
        status_code,
        month_start + whole(key, 'from', 0, 3) AS from_day,
        month_start + whole(key, 'from', 0, 3)
        + CASE status_code
            WHEN 'reported_suspended' THEN whole(key, 'length', 1, 4)
            WHEN 'suspended_arrears' THEN whole(key, 'length', 1, 6)
            ELSE whole(key, 'length', 10, 22)
        END AS to_day,
        true AS ends_active
    FROM monthly
    WHERE status_code IS NOT NULL
        AND month_start >= activated_on
        -- An episode tells its own story: no chance events in it, nor after leaving.
        AND (anchor_on IS NULL OR month_start + 28 < anchor_on - 120)
)

SELECT * FROM episode_spans
UNION ALL
SELECT * FROM background_spans;

CREATE TABLE subscriber_status_events AS
WITH events AS (
    SELECT idx, key, from_day AS day, status_code, 'into' AS part FROM status_spans
    UNION ALL
    SELECT idx, key, to_day + 1, 'active', 'out of' FROM status_spans WHERE ends_active
    UNION ALL
    SELECT idx, key, anchor_on, 'cancelled', 'leave' FROM episodes WHERE leaves
    UNION ALL
    SELECT idx, key, return_on, 'active', 'return' FROM episodes WHERE return_on IS NOT NULL
    UNION ALL
    SELECT idx, key, anchor_on - whole(key, 'notice', 2, 12), 'pre_cancelled', 'notice' FROM episodes WHERE leaves AND pre_cancels
    UNION ALL
    -- A few give notice and are talked out of it.
    SELECT idx, key, anchor_on, 'pre_cancelled', 'notice' FROM episodes
    WHERE NOT leaves AND kind IN ('price', 'competitor') AND unit(key, 'notice withdrawn') < ${churn_notice_withdrawn_share}
    UNION ALL
    SELECT idx, key, anchor_on + 6, 'active', 'withdrawn' FROM episodes
    WHERE NOT leaves AND kind IN ('price', 'competitor') AND unit(key, 'notice withdrawn') < ${churn_notice_withdrawn_share}
    UNION ALL
    SELECT idx, key, anchor_on - whole(key, 'held', 13, 28), 'retention_period', 'held' FROM episodes
    WHERE leaves AND kind IN ('price', 'quality', 'competitor') AND unit(key, 'is held') < ${churn_retention_period_share}
    UNION ALL
    SELECT idx, key, anchor_on - 1, 'frozen', 'frozen' FROM episodes
    WHERE leaves AND unit(key, 'is frozen') < ${churn_frozen_share}
)

SELECT
    p.subscriber_id,
    e.status_code,
    office_hours(e.key, 'at ' || e.part, e.day) AS changed_at
FROM events AS e
JOIN people AS p ON e.idx = p.idx
WHERE e.day BETWEEN p.activated_on AND DATE '${last_day}'
ORDER BY p.subscriber_id, changed_at, e.status_code;

CREATE TABLE off_days AS
SELECT DISTINCT idx::BIGINT AS idx, unnest(range(from_day, to_day + 1, INTERVAL 1 DAY))::DATE AS day
FROM status_spans
WHERE to_day >= DATE '${first_day}'
ORDER BY day, idx;
