-- The decision: who leaves, why, when; who shows the same signs and stays. Then all that follows from it and is
-- needed day by day, in one wide row per line.
CREATE TABLE episodes AS
WITH bound AS (
    SELECT
        idx,
        max(ends_on) FILTER (WHERE contract_type = 'fee_amortisation' AND starts_on <= DATE '${middle_day}'
            AND ends_on >= DATE '${middle_day}') AS bound_until,
        min(ends_on) FILTER (WHERE term_no = 1 AND ends_on BETWEEN DATE '${window_start}' AND DATE '${window_end}') AS contract_end
    FROM contract_terms
    GROUP BY idx
),

hazards AS (
    SELECT
        p.idx,
        p.key,
        p.activated_on,
        b.contract_end,
        ${churn_monthly_rate}
        * CASE
            WHEN p.activated_on > DATE '${first_day}' - 365 THEN ${churn_new_line_multiplier}
            WHEN p.activated_on < DATE '${first_day}' - 1825 THEN ${churn_old_line_multiplier}
            ELSE 1
        END
        * CASE WHEN b.bound_until IS NOT NULL THEN ${churn_contract_multiplier} ELSE 1 END
        * CASE WHEN p.group_no IS NULL THEN 1 WHEN p.is_poached THEN ${churn_poached_group_multiplier}
            ELSE ${churn_group_multiplier} END AS monthly_hazard,
        p.is_poached
    FROM people AS p
    LEFT JOIN bound AS b ON p.idx = b.idx
),

decided AS (
    SELECT
        *,
        unit(key, 'leaves') < 1 - exp(-monthly_hazard * ${window_months}) AS wants_to_leave,
        unit(key, 'decoy') < 1 - exp(-${churn_decoy_monthly_rate} * ${window_months}) AS shows_signs,
        DATE '${window_start}' + whole(key, 'anchor', 0, ${window_days} - 1) AS drawn_anchor
    FROM hazards
),

kinded AS (
    SELECT
        d.*,
        k.kind,
        k.lead_days,
        k.recover_days,
        k.usage_fall,
        k.own_hotline,
        k.competitor_hotline,
        k.forwards_per_day,
        k.complaint_chance,
        k.complaints_max,
        k.forwarder_share,
        k.downgrade_share,
        k.drop_service_share,
        k.new_handset_share,
        k.pre_cancelled_share,
        k.retention_contact_share
    FROM decided AS d
    JOIN kind_ranges AS k
        ON CASE
            WHEN d.wants_to_leave
                -- A courted group's members leave for the competitor whatever the draw says.
                THEN CASE WHEN d.is_poached AND unit(d.key, 'courted') < ${churn_poached_competitor_share} THEN k.kind = 'competitor'
                    ELSE unit(d.key, 'kind') >= k.leaver_low AND unit(d.key, 'kind') < k.leaver_high END
            WHEN d.shows_signs
                THEN unit(d.key, 'kind') >= k.decoy_low AND unit(d.key, 'kind') < k.decoy_high
            ELSE false
        END
),

anchored AS (
    SELECT
        *,
        CASE
            WHEN wants_to_leave AND kind IN ('price', 'competitor') AND contract_end IS NOT NULL
                AND unit(key, 'at contract end') < ${churn_at_contract_end_share}
                THEN contract_end + whole(key, 'after contract', 1, 21)
            ELSE drawn_anchor
        END AS anchor_on,
        (${churn_min_strength} + (1 - ${churn_min_strength}) * unit(key, 'strength'))
        * CASE WHEN wants_to_leave THEN 1 ELSE ${churn_decoy_strength} END AS strength,
        greatest(10, (lead_days * (0.6 + 0.8 * unit(key, 'lead')))::INTEGER) AS lead
    FROM kinded
)

SELECT
    a.idx,
    a.key,
    a.kind,
    a.wants_to_leave AS leaves,
    a.anchor_on,
    greatest(a.anchor_on - a.lead, a.activated_on) AS sign_from,
    CASE WHEN a.wants_to_leave THEN a.anchor_on END AS leave_on,
    CASE
        WHEN a.wants_to_leave AND unit(a.key, 'comes back') < ${churn_return_share}
            THEN a.anchor_on + whole(a.key, 'back after', 3, 30)
    END AS return_on,
    a.strength,
    a.recover_days,
    a.usage_fall * a.strength AS usage_fall,
    a.own_hotline * a.strength AS own_hotline,
    a.competitor_hotline * a.strength AS competitor_hotline,
    CASE WHEN unit(a.key, 'forwards') < a.forwarder_share THEN a.forwards_per_day * a.strength ELSE 0 END AS forwards,
    CASE
        WHEN unit(a.key, 'complains') < a.complaint_chance THEN 1 + floor(unit(a.key, 'complaints') * a.complaints_max * a.strength)::INTEGER
        ELSE 0
    END AS complaint_count,
    CASE
        WHEN unit(a.key, 'downgrade') < a.downgrade_share THEN a.anchor_on - whole(a.key, 'downgrade on', 15, 80)
    END AS downgrade_on,
    CASE WHEN unit(a.key, 'downgrade by') < 0.7 THEN 1 ELSE 2 END AS downgrade_levels,
    a.drop_service_share * a.strength AS drop_service_chance,
    CASE
        WHEN unit(a.key, 'new handset') < a.new_handset_share THEN a.anchor_on - whole(a.key, 'handset on', 7, 60)
    END AS new_handset_on,
    unit(a.key, 'pre-cancels') < a.pre_cancelled_share AS pre_cancels,
    CASE
        WHEN unit(a.key, 'retention contact') < a.retention_contact_share THEN a.anchor_on - whole(a.key, 'retention on', 2, 25)
    END AS retention_on
FROM anchored AS a
WHERE a.anchor_on - 40 >= a.activated_on
ORDER BY a.idx;
