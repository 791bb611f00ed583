CREATE TABLE service_lives AS
WITH held AS (
    SELECT
        p.idx,
        p.subscriber_id,
        part_key(p.key, 5000 + s.service_no) AS key,
        p.activated_on,
        s.service_code,
        s.family,
        s.monthly_fee,
        e.leave_on,
        e.anchor_on,
        e.drop_service_chance
    FROM people AS p
    CROSS JOIN effect_services AS s
    LEFT JOIN episodes AS e ON p.idx = e.idx
    WHERE unit(part_key(p.key, 5000 + s.service_no), 'holds')
        < CASE WHEN p.group_no IS NULL THEN s.penetration ELSE s.group_penetration END
),

drawn AS (
    SELECT
        *,
        CASE
            -- Sticky services come with the line or soon after; what is sold comes at any time.
            WHEN family = 'sticky' THEN activated_on + floor(400 * pow(unit(key, 'start'), 3))::INTEGER
            ELSE DATE '${last_day}' - whole(key, 'start', 0, ${service_life_sold_window_days} - 1)
        END AS drawn_on
    FROM held
),

started AS (
    SELECT
        *,
        greatest(activated_on, drawn_on) AS started_on
    FROM drawn
    WHERE drawn_on >= activated_on OR unit(key, 'at activation') < ${service_life_at_activation_share}
),

ended AS (
    SELECT
        *,
        CASE
            WHEN family = 'sticky'
                THEN CASE WHEN unit(key, 'lost') < ${service_life_sticky_loss}
                    THEN started_on + whole(key, 'lost after', 60, 1500) END
            ELSE started_on + (5 - ln(1 - unit(key, 'stay')) * ${service_life_stay_days})::INTEGER
        END AS chance_end,
        CASE
            WHEN unit(key, 'dropped') < drop_service_chance THEN anchor_on - whole(key, 'dropped on', 0, 60)
        END AS dropped_on
    FROM started
)

SELECT
    idx,
    subscriber_id,
    key,
    service_code,
    family,
    monthly_fee,
    started_on,
    least(
        CASE WHEN chance_end <= DATE '${last_day}' THEN chance_end END,
        CASE WHEN dropped_on BETWEEN started_on AND DATE '${last_day}' THEN dropped_on END,
        CASE WHEN leave_on <= DATE '${last_day}' THEN leave_on END
    ) AS ended_on
FROM ended
WHERE started_on <= DATE '${last_day}' AND (leave_on IS NULL OR started_on < leave_on)
ORDER BY idx, service_code;

CREATE TABLE service_subscriptions AS
SELECT
    subscriber_id,
    service_code,
    started_on,
    ended_on,
    office_hours(key, 'updated', coalesce(ended_on, started_on)) AS updated_at
FROM service_lives
ORDER BY subscriber_id, service_code, started_on;

-- What services cost in a month, whole months only: the first is free, the last is charged.
CREATE TABLE service_fees AS
SELECT
    s.idx,
    m.month_no,
    sum(CASE WHEN s.family = 'new' THEN s.monthly_fee ELSE 0 END)::INTEGER AS new_service_fee,
    sum(CASE WHEN s.family = 'new' THEN 0 ELSE s.monthly_fee END)::INTEGER AS bundle_fee
FROM service_lives AS s
JOIN months AS m ON s.started_on < m.month_start AND (s.ended_on IS NULL OR s.ended_on >= m.month_start)
WHERE s.monthly_fee > 0
GROUP BY s.idx, m.month_no;
