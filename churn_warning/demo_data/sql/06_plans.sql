-- Plans: the one at the start, a change by chance, a downgrade that belongs to an episode.
CREATE TABLE plan_lives AS
WITH fees AS (
    SELECT
        idx,
        key,
        activated_on,
        arpu * (${money_plan_share_low} + (${money_plan_share_high} - ${money_plan_share_low}) * unit(key, 'plan')) AS affordable
    FROM people
),

first_plan AS (
    SELECT
        f.idx,
        f.key,
        f.activated_on,
        coalesce(max(pl.plan_level), 1) AS level_0
    FROM fees AS f
    LEFT JOIN effect_plans AS pl ON pl.monthly_fee <= f.affordable
    GROUP BY f.idx, f.key, f.activated_on
),

dates AS (
    SELECT
        f.*,
        CASE
            WHEN unit(f.key, 'plan change') < 1 - exp(-${plans_background_change_month} * ${months_of_bills})
                THEN DATE '${bills_start}' + whole(f.key, 'plan change on', 0, ${days_of_bills} - 1)
        END AS chance_on,
        CASE WHEN unit(f.key, 'plan up') < 0.55 THEN 1 ELSE -1 END AS chance_step,
        e.downgrade_on AS sign_on,
        -e.downgrade_levels AS sign_step,
        e.leave_on
    FROM first_plan AS f
    LEFT JOIN episodes AS e ON f.idx = e.idx
),

possible AS (
    SELECT
        * REPLACE (
            CASE WHEN chance_on > activated_on AND (leave_on IS NULL OR chance_on < leave_on) AND chance_on <= DATE '${last_day}'
                AND chance_on IS DISTINCT FROM sign_on THEN chance_on END AS chance_on,
            CASE WHEN sign_on > activated_on AND sign_on <= DATE '${last_day}' THEN sign_on END AS sign_on
        )
    FROM dates
),

ordered AS (
    SELECT
        idx,
        key,
        level_0,
        least(chance_on, sign_on) AS on_1,
        CASE WHEN chance_on IS NOT NULL AND sign_on IS NOT NULL THEN greatest(chance_on, sign_on) END AS on_2,
        CASE WHEN sign_on IS NULL OR chance_on < sign_on THEN chance_step ELSE sign_step END AS step_1,
        CASE WHEN sign_on IS NULL OR chance_on < sign_on THEN sign_step ELSE chance_step END AS step_2
    FROM possible
),

stepped AS (
    SELECT
        *,
        CASE WHEN on_1 IS NULL THEN level_0 ELSE clamp(level_0 + step_1, 1, ${plan_levels})::INTEGER END AS level_1
    FROM ordered
)

SELECT
    idx,
    key,
    level_0::INTEGER AS level_0,
    on_1,
    level_1,
    on_2,
    CASE WHEN on_2 IS NULL THEN level_1 ELSE clamp(level_1 + step_2, 1, ${plan_levels})::INTEGER END AS level_2
FROM stepped
ORDER BY idx;

CREATE TABLE plan_changes AS
WITH steps AS (
    SELECT idx, key, on_1 AS day, level_0 AS from_level, level_1 AS to_level FROM plan_lives
    WHERE on_1 IS NOT NULL AND level_0 <> level_1
    UNION ALL
    SELECT idx, key, on_2, level_1, level_2 FROM plan_lives
    WHERE on_2 IS NOT NULL AND level_1 <> level_2
)

SELECT
    p.subscriber_id,
    office_hours(s.key, 'plan change at', s.day) AS changed_at,
    f.plan_code AS from_plan_code,
    t.plan_code AS to_plan_code
FROM steps AS s
JOIN people AS p ON s.idx = p.idx
JOIN effect_plans AS f ON s.from_level = f.plan_level
JOIN effect_plans AS t ON s.to_level = t.plan_level
ORDER BY p.subscriber_id, changed_at;
