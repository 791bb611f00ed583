-- How much every line uses on a day, against its own ordinary day: keep x max_pace. 0: not activated, left or suspended.
create or replace temp table line_day as
with living as (
    select
        lines.*,
        off_days.idx is null
        and activated_on <= ${day}
        and (leave_on is null or ${day} < leave_on or ${day} >= return_on) as lives,
        hash(xor(key, hash(${week_no}::bigint * 8 + 2))) as week_key,
        sign_depth(${day}, sign_from, anchor_on, leaves, recover_days) as depth
    from lines
    left join (select idx, day from off_days where day = ${day}) as off_days on lines.idx = off_days.idx
),

paced as (
    select
        *,
        case
            when lives then least(1.0, exp(0.16 * gauss(week_key, 'pace'))
                * case when unit(week_key, 'quiet') < 0.015 then 0.33 else 1 end * (1 - usage_fall * depth) / ${max_pace})
            else 0.0
        end as keep
    from living
),

shared as (
    -- The expected number of a day's records, of all sorts together, on a line's ordinary day.
    select
        *,
        weight / ${max_pace} / nullif(sum(weight * keep) over (), 0) as share
    from paced
)

select
    idx,
    key,
    subscriber_id,
    circle_size,
    weight,
    keep,
    keep * ${max_pace} as pace,
    voice_yuan,
    data_yuan,
    data_mb,
    greatest(share * ${daily_voice_cdrs}, 0.01) as calls,
    greatest(share * ${daily_sms_cdrs}, 0.01) as texts,
    greatest(share * ${daily_data_cdrs}, 0.01) as sessions,
    0.004 + own_hotline * depth as own_hotline,
    0.0012 + competitor_hotline * depth as competitor_hotline,
    forwards * depth + case when forwards_always then 0.25 else 0 end as forwards
from shared
order by idx;
