-- What the daily statements need of a line, narrow and ordered, so that no join is needed per day.
CREATE TABLE daily_lives AS
SELECT
    -- BIGINT, for the numbers that are made of it.
    p.idx::BIGINT AS idx,
    p.key,
    p.subscriber_id,
    p.activated_on,
    e.leave_on,
    e.return_on,
    e.sign_from,
    e.anchor_on,
    e.leaves,
    e.recover_days,
    coalesce(e.usage_fall, 0) AS usage_fall,
    coalesce(e.own_hotline, 0) AS own_hotline,
    coalesce(e.competitor_hotline, 0) AS competitor_hotline,
    coalesce(e.forwards, 0) AS forwards,
    e.kind = 'competitor' AS is_courted,
    unit(p.key, 'habitual forwarder') < ${usage_habitual_forwarder_share} AS forwards_always,
    p.group_no IS NOT NULL AS is_business,
    p.voice_rate,
    p.sms_rate,
    p.data_rate,
    p.data_mb,
    p.circle_size,
    -- Yuan per minute made and per data record, so that a month of calls costs about the usage part of the bill.
    greatest(p.arpu * 0.08, p.arpu - pl.monthly_fee) * ${money_voice_share} / (p.voice_rate * 30 * 0.5 * (${usage_call_seconds} / 60.0 + 0.5)) AS minute_fee,
    greatest(p.arpu * 0.08, p.arpu - pl.monthly_fee) * ${money_data_share} / greatest(3, p.data_rate * 30) AS record_fee
FROM people AS p
JOIN plan_lives AS l ON p.idx = l.idx
JOIN effect_plans AS pl ON l.level_0 = pl.plan_level
LEFT JOIN episodes AS e ON p.idx = e.idx
ORDER BY p.idx;
