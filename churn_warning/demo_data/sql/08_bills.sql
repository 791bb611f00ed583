-- The money side of one month; run for each month in turn, because all months at once need much memory.
-- Bills follow the same episode as the calls, but they are not the sum of the delivered calls: most of the history
-- lies before the first CDR, and allowances, rounding and credits come between.
INSERT INTO bills
WITH line_months AS (
    SELECT
        p.idx,
        p.subscriber_id,
        p.account_id,
        part_key(p.key, m.month_no) AS key,
        p.arpu,
        p.is_prepaid,
        m.month_start,
        m.month_no,
        m.next_month_start,
        m.month_end - m.month_start + 1 AS month_days,
        -- Days with a living line; a line that came back is billed again from then on.
        greatest(0, least(coalesce(e.leave_on, m.next_month_start), m.next_month_start)
            - greatest(p.activated_on, m.month_start))
        + CASE WHEN e.return_on < m.next_month_start THEN m.next_month_start - greatest(e.return_on, m.month_start) ELSE 0 END AS living_days,
        CASE
            WHEN pl.on_2 < m.next_month_start THEN pl.level_2
            WHEN pl.on_1 < m.next_month_start THEN pl.level_1
            ELSE pl.level_0
        END AS plan_level,
        pl.level_0,
        e.usage_fall,
        e.leaves,
        CASE
            WHEN e.sign_from IS NULL OR m.month_start + 15 < e.sign_from THEN 0
            WHEN m.month_start + 15 <= e.anchor_on THEN (m.month_start + 16 - e.sign_from)::DOUBLE / (e.anchor_on - e.sign_from + 1)
            WHEN e.leaves THEN 1
            ELSE greatest(0, 1 - (m.month_start + 15 - e.anchor_on)::DOUBLE / e.recover_days)
        END AS sign_depth
    FROM months AS m
    CROSS JOIN people AS p
    JOIN plan_lives AS pl ON p.idx = pl.idx
    LEFT JOIN episodes AS e ON p.idx = e.idx
    WHERE m.month_no = ${month_no}
        AND p.activated_on < m.next_month_start
        AND m.next_month_start <= DATE '${last_day}' + 31
        AND (e.leave_on IS NULL OR e.leave_on > m.month_start OR e.return_on < m.next_month_start)
),

priced AS (
    SELECT
        l.*,
        l.living_days::DOUBLE / l.month_days AS living_share,
        pl.monthly_fee,
        coalesce(s.new_service_fee, 0) AS new_services,
        coalesce(s.bundle_fee, 0) AS bundles,
        greatest(l.arpu * 0.08, l.arpu - pl0.monthly_fee)
        * exp(${money_month_sigma} * gauss(l.key, 'bill'))
        * (1 - coalesce(l.usage_fall, 0) * l.sign_depth) AS usage_fee,
        l.next_month_start + whole(l.key, 'issued', 2, 4) AS issued_on
    FROM line_months AS l
    JOIN effect_plans AS pl ON l.plan_level = pl.plan_level
    JOIN effect_plans AS pl0 ON l.level_0 = pl0.plan_level
    LEFT JOIN service_fees AS s ON l.idx = s.idx AND l.month_no = s.month_no
    WHERE l.living_days > 0
),

lines AS (
    SELECT
        *,
        money(usage_fee * living_share * ${money_voice_share}) AS voice_fee,
        money(usage_fee * living_share * ${money_sms_share}) AS sms_fee,
        money(usage_fee * living_share * ${money_data_share}) AS data_fee,
        money(CASE WHEN unit(key, 'credit') < ${money_credit_share} THEN -5 - 25 * unit(key, 'credit size') ELSE 0 END) AS credit
    FROM priced
)

SELECT
    subscriber_id,
    account_id,
    month_start AS bill_month,
    (money(monthly_fee * living_share) + voice_fee + sms_fee + data_fee + new_services + bundles + credit)::DECIMAL(18, 2) AS total_fee,
    voice_fee,
    -- A line without such use has no such line on its bill.
    CASE WHEN sms_fee > 0.2 THEN sms_fee END AS sms_fee,
    data_fee,
    CASE WHEN new_services > 0 THEN new_services END::DECIMAL(18, 2) AS new_service_fee,
    issued_on,
    issued_on::TIMESTAMP + INTERVAL 6 HOUR AS updated_at
FROM lines
WHERE issued_on <= DATE '${last_day}'
ORDER BY subscriber_id;

INSERT INTO arrears_snapshots
WITH snapshots AS (
    SELECT month_start + 11 AS snapshot_on, month_no FROM months
    WHERE month_no = ${month_no}
        AND month_start + 11 BETWEEN DATE '${first_day}' - 100 AND DATE '${last_day}'
),

states AS (
    SELECT
        p.idx,
        p.subscriber_id,
        p.is_prepaid,
        p.arpu,
        part_key(p.key, 3000 + s.month_no) AS key,
        s.snapshot_on,
        p.is_late_payer,
        CASE
            WHEN e.kind = 'arrears' AND s.snapshot_on BETWEEN e.sign_from AND e.anchor_on
                THEN least(4, 1 + (s.snapshot_on - e.sign_from) // 30)
            WHEN e.kind = 'arrears' AND NOT e.leaves AND s.snapshot_on BETWEEN e.anchor_on AND e.anchor_on + e.recover_days THEN 1
        END AS episode_months
    FROM snapshots AS s
    CROSS JOIN people AS p
    LEFT JOIN episodes AS e ON p.idx = e.idx
    WHERE p.activated_on <= s.snapshot_on
        AND (e.leave_on IS NULL OR s.snapshot_on < e.leave_on OR s.snapshot_on >= e.return_on)
),

counted AS (
    SELECT
        *,
        coalesce(
            episode_months,
            CASE
                WHEN is_prepaid THEN 0
                WHEN unit(key, 'owes') < CASE WHEN is_late_payer THEN ${money_late_payer_month} ELSE ${money_other_payer_month} END
                    THEN CASE WHEN unit(key, 'owes two') < 0.15 THEN 2 ELSE 1 END
                ELSE 0
            END
        ) AS arrears_months
    FROM states
)

SELECT
    subscriber_id,
    snapshot_on,
    money(arpu * arrears_months * (0.4 + 0.7 * unit(key, 'amount'))) AS arrears_amount,
    arrears_months::BIGINT AS arrears_months,
    snapshot_on::TIMESTAMP + INTERVAL 23 HOUR AS updated_at
FROM counted
WHERE NOT is_prepaid OR arrears_months > 0
ORDER BY subscriber_id;
