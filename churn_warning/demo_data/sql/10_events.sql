-- Complaints, service contacts, handsets, contracts as delivered.
CREATE TABLE complaints AS
WITH months_seen AS (
    SELECT month_no, month_start FROM months WHERE month_start >= DATE '${first_day}' - 190
),

by_chance AS (
    SELECT
        p.idx,
        part_key(p.key, 7000 + m.month_no) AS key,
        m.month_start + whole(part_key(p.key, 7000 + m.month_no), 'complaint day', 0, 27) AS opened_on,
        false AS is_angry
    FROM people AS p
    CROSS JOIN months_seen AS m
    WHERE unit(part_key(p.key, 7000 + m.month_no), 'complaint') < ${care_complaint_month}
),

by_episode AS (
    SELECT
        idx,
        part_key(key, 8000 + n) AS key,
        anchor_on - 3 - floor((anchor_on - sign_from) * unit(part_key(key, 8000 + n), 'complaint day'))::INTEGER AS opened_on,
        kind = 'quality' AS is_angry
    FROM (SELECT *, unnest(range(1, complaint_count + 1)) AS n FROM episodes WHERE complaint_count > 0)
),

opened AS (
    SELECT
        c.*,
        p.subscriber_id,
        opened_on::TIMESTAMP + to_seconds(whole(c.key, 'complaint time', 28800, 79200)) AS opened_at,
        CASE WHEN unit(c.key, 'severe') < CASE WHEN c.is_angry THEN ${care_angry_severe_share} ELSE ${care_severe_share} END THEN 'severe' ELSE 'normal' END AS severity,
        -- Ordinary complaints are mostly about small faults.
        floor(CASE WHEN c.is_angry THEN 6 * unit(c.key, 'fault') ELSE 5 * pow(unit(c.key, 'fault'), 2) END)::BIGINT AS fault_level
    FROM (SELECT * FROM by_chance UNION ALL SELECT * FROM by_episode) AS c
    JOIN people AS p ON c.idx = p.idx
    LEFT JOIN episodes AS e ON c.idx = e.idx
    WHERE c.opened_on BETWEEN p.activated_on AND DATE '${last_day}'
        AND (e.leave_on IS NULL OR c.opened_on < e.leave_on)
),

answered AS (
    SELECT
        *,
        opened_at + CASE severity WHEN 'severe' THEN INTERVAL 1 DAY ELSE INTERVAL 3 DAY END AS due_at,
        CASE
            WHEN unit(key, 'answer') < CASE WHEN is_angry THEN ${care_angry_in_time_share} ELSE ${care_in_time_share} END
                THEN opened_at + to_seconds(whole(key, 'hours', 1800, 80000))
            WHEN unit(key, 'answer') < CASE WHEN is_angry THEN ${care_angry_in_time_share} + ${care_angry_late_share}
                ELSE ${care_in_time_share} + ${care_late_share} END
                THEN opened_at + to_seconds(whole(key, 'late hours', 280000, 1900000))
        END AS possible_answer
    FROM opened
)

SELECT
    'Q' || lpad(idx::VARCHAR, 7, '0') || '-' || strftime(opened_at, '%y%m%d%H%M') AS complaint_id,
    subscriber_id,
    opened_at,
    severity,
    fault_level,
    due_at,
    CASE WHEN possible_answer < DATE '${last_day}' + 1 THEN possible_answer END AS answered_at,
    CASE WHEN possible_answer < DATE '${last_day}' + 1 THEN possible_answer ELSE opened_at END AS updated_at
FROM answered
ORDER BY opened_at, complaint_id;

CREATE TABLE service_contacts AS
WITH months_seen AS (
    SELECT month_no, month_start FROM months WHERE month_start >= DATE '${first_day}' - 190
),

contacts AS (
    SELECT
        p.idx,
        part_key(p.key, 9000 + m.month_no) AS key,
        m.month_start + whole(part_key(p.key, 9000 + m.month_no), 'contact day', 0, 27) AS day,
        'care' AS purpose,
        NULL AS kind,
        o.manager_id
    FROM people AS p
    JOIN managed_owners AS o ON p.owner_no = o.owner_no
    CROSS JOIN months_seen AS m
    WHERE unit(part_key(p.key, 9000 + m.month_no), 'care')
        < CASE WHEN o.manager_id IS NULL THEN ${care_other_month} ELSE ${care_managed_month} END
    UNION ALL
    SELECT
        p.idx,
        part_key(p.key, 12000 + m.month_no),
        m.month_start + whole(part_key(p.key, 12000 + m.month_no), 'contact day', 0, 27),
        'retention',
        NULL,
        o.manager_id
    FROM people AS p
    JOIN managed_owners AS o ON p.owner_no = o.owner_no
    CROSS JOIN months_seen AS m
    WHERE unit(part_key(p.key, 12000 + m.month_no), 'retention') < ${care_random_retention_month}
    UNION ALL
    SELECT p.idx, part_key(p.key, 15000), e.retention_on, 'retention', e.kind, o.manager_id
    FROM episodes AS e
    JOIN people AS p ON e.idx = p.idx
    JOIN managed_owners AS o ON p.owner_no = o.owner_no
    WHERE e.retention_on IS NOT NULL
),

living AS (
    SELECT
        c.*,
        p.subscriber_id,
        e.leaves,
        office_hours(c.key, 'contact at', c.day) AS contacted_at,
        CASE
            WHEN unit(c.key, 'channel') < CASE WHEN c.manager_id IS NULL THEN 0.02 ELSE 0.25 END THEN 'visit'
            WHEN unit(c.key, 'channel') < 0.60 THEN 'phone'
            WHEN unit(c.key, 'channel') < 0.75 THEN 'counter'
            ELSE 'sms'
        END AS channel
    FROM contacts AS c
    JOIN people AS p ON c.idx = p.idx
    LEFT JOIN episodes AS e ON c.idx = e.idx
    WHERE c.day BETWEEN p.activated_on AND DATE '${last_day}'
        AND (e.leave_on IS NULL OR c.day < e.leave_on)
),

closed AS (
    SELECT
        *,
        CASE
            WHEN unit(key, 'outcome') < 0.22 THEN 'not_reached'
            WHEN purpose = 'care' THEN CASE WHEN unit(key, 'outcome') < 0.95 THEN 'reached' END
            WHEN unit(key, 'outcome') < CASE WHEN leaves THEN 0.35 ELSE 0.60 END THEN 'accepted'
            WHEN unit(key, 'outcome') < 0.85 THEN 'declined'
            ELSE 'reached'
        END AS outcome_code
    FROM living
)

SELECT
    'K' || lpad(idx::VARCHAR, 7, '0') || '-' || strftime(contacted_at, '%y%m%d%H%M%S') || left(purpose, 1) AS contact_id,
    subscriber_id,
    contacted_at,
    channel,
    purpose,
    outcome_code,
    CASE
        WHEN purpose = 'retention' AND outcome_code IN ('accepted', 'declined')
            -- What people say is often, not always, why they go.
            THEN CASE
                WHEN kind IS NOT NULL AND unit(key, 'honest') < ${care_honest_reason_share}
                    THEN CASE kind WHEN 'quality' THEN 'quality' WHEN 'moving' THEN 'convenience' WHEN 'competitor' THEN 'social' ELSE 'price' END
                WHEN unit(key, 'reason') < 0.4 THEN 'price'
                WHEN unit(key, 'reason') < 0.6 THEN 'quality'
                WHEN unit(key, 'reason') < 0.8 THEN 'social'
                ELSE 'convenience'
            END
    END AS churn_reason_code,
    manager_id,
    contacted_at + INTERVAL 2 HOUR AS updated_at
FROM closed
ORDER BY contacted_at, contact_id;

CREATE TABLE devices AS
WITH changes AS (
    SELECT idx, key, activated_on AS day, 0 AS n, false AS courted FROM people
    UNION ALL
    SELECT p.idx, p.key, DATE '${last_day}' - (n * 365 / ${devices_change_year} * (0.1 + unit(part_key(p.key, 20000 + n), 'handset')))::INTEGER, n, false
    FROM people AS p
    CROSS JOIN (SELECT unnest([1, 2]) AS n)
    UNION ALL
    SELECT idx, key, new_handset_on, 3, kind = 'competitor' FROM episodes WHERE new_handset_on IS NOT NULL
),

living AS (
    SELECT
        c.*,
        p.subscriber_id,
        part_key(c.key, 21000 + c.n) AS model_key
    FROM changes AS c
    JOIN people AS p ON c.idx = p.idx
    LEFT JOIN episodes AS e ON c.idx = e.idx
    WHERE c.day BETWEEN p.activated_on AND DATE '${last_day}'
        AND (c.n = 0 OR c.day > p.activated_on)
        AND (e.leave_on IS NULL OR c.day < e.leave_on)
        -- The handset of the first day is not known for everybody.
        AND (c.n > 0 OR unit(p.key, 'handset known') >= ${devices_unknown_share})
)

SELECT
    l.subscriber_id,
    CASE
        -- Courted by a competitor: a subsidised or a dual-SIM handset.
        WHEN l.courted AND unit(l.model_key, 'courted') < ${devices_courted_unicom_share} THEN 'demo_u1'
        WHEN l.courted AND unit(l.model_key, 'courted') < ${devices_courted_unicom_share} + ${devices_courted_telecom_share} THEN 'demo_t1'
        WHEN l.courted AND unit(l.model_key, 'courted')
            < ${devices_courted_unicom_share} + ${devices_courted_telecom_share} + ${devices_courted_dual_sim_share} THEN 'demo_d1'
        -- A model that the list does not know (yet).
        WHEN unit(l.model_key, 'unlisted') < ${devices_unlisted_share} THEN 'demo_unlisted'
        ELSE m.device_model_code
    END AS device_model_code,
    l.day AS first_seen_on
FROM living AS l
JOIN model_ranges AS m ON unit(l.model_key, 'model') >= m.low AND unit(l.model_key, 'model') < m.high
QUALIFY row_number() OVER (PARTITION BY l.idx, l.day ORDER BY l.n DESC) = 1
ORDER BY l.subscriber_id, l.day;

CREATE TABLE contracts AS
SELECT
    'T' || lpad(c.idx::VARCHAR, 7, '0') || '-' || c.type_no || c.term_no AS contract_id,
    p.subscriber_id,
    c.contract_type,
    c.starts_on,
    c.ends_on,
    office_hours(part_key(p.key, c.type_no * 10 + c.term_no), 'signed', c.starts_on) AS updated_at
FROM contract_terms AS c
JOIN people AS p ON c.idx = p.idx
LEFT JOIN episodes AS e ON c.idx = e.idx
WHERE e.leave_on IS NULL OR c.starts_on < e.leave_on
ORDER BY contract_id;
