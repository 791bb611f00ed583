-- One row per line (subscriber): who it is, before anything happens to it.
CREATE TABLE groups AS
WITH numbered AS (
    SELECT
        group_no::INTEGER AS group_no,
        hash(xor(hash(group_no::BIGINT), hash(${seed}::BIGINT * 2 + 1))) AS key
    FROM range(${group_count}) AS r (group_no)
)

SELECT
    n.group_no,
    n.key,
    b.branch_no,
    b.branch_code,
    b.city_code,
    i.industry_code,
    unit(n.key, 'poached') < ${churn_poached_group_share} AS is_poached,
    whole(n.key, 'manager', 0, ${managers_in_branch} - 1) AS manager_no
FROM numbered AS n
JOIN branch_ranges AS b ON unit(n.key, 'branch') >= b.low AND unit(n.key, 'branch') < b.high
JOIN industry_ranges AS i ON unit(n.key, 'industry') >= i.low AND unit(n.key, 'industry') < i.high;

CREATE TABLE people AS
WITH numbered AS (
    SELECT
        idx::INTEGER AS idx,
        hash(xor(hash(idx::BIGINT), hash(${seed}::BIGINT * 2))) AS key
    FROM range(${subscribers}) AS r (idx)
),

drawn AS (
    SELECT
        *,
        gauss(key, 'spend') AS spend_z,
        CASE
            WHEN unit(key, 'group member') < ${groups_member_share}
                THEN floor(${group_count} * pow(unit(key, 'group'), ${groups_size_skew}))::INTEGER
        END AS group_no,
        unit(key, 'joins') < ${joining_share} AS joins_in_period
    FROM numbered
),

roles AS (
    SELECT
        *,
        group_no IS NOT NULL AND (
            unit(key, 'key person') < ${groups_key_person_share}
            OR idx = min(idx) OVER (PARTITION BY group_no)
        ) AS is_key_person,
        group_no IS NOT NULL AND unit(key, 'company paid') < ${groups_company_paid_share} AS is_company_paid,
        idx % 2 = 1 AND unit(key, 'second line') < ${second_line_pair_share} AS is_second_line
    FROM drawn
),

valued AS (
    SELECT
        *,
        least(
            ${money_arpu_max},
            exp(${money_arpu_log_median} + ${money_arpu_sigma} * spend_z)
            * CASE WHEN is_key_person THEN ${groups_key_person_uplift} ELSE 1 END
        ) AS arpu,
        CASE
            WHEN joins_in_period THEN DATE '${first_day}' + whole(key, 'joined on', 0, ${days} - 1)
            ELSE DATE '${first_day}' - clamp(
                exp(ln(${population_tenure_median_days}) + ${population_tenure_sigma} * gauss(key, 'tenure')), 1, 8000
            )::INTEGER
        END AS activated_on,
        CASE
            WHEN is_company_paid THEN 9000000 + group_no
            WHEN is_second_line THEN idx - 1
            ELSE idx
        END AS owner_no
    FROM roles
),

placed AS (
    SELECT
        v.*,
        b.branch_no AS own_branch_no
    FROM valued AS v
    JOIN branch_ranges AS b ON unit(v.key, 'branch') >= b.low AND unit(v.key, 'branch') < b.high
)

SELECT
    p.idx,
    p.key,
    'S' || lpad(p.idx::VARCHAR, 7, '0') AS subscriber_id,
    (19900000000 + p.idx)::VARCHAR AS msisdn,
    p.owner_no,
    'C' || lpad(p.owner_no::VARCHAR, 7, '0') AS customer_id,
    'A' || lpad(p.owner_no::VARCHAR, 7, '0') AS account_id,
    unit(hash(p.owner_no::BIGINT), 'prepaid ${seed}') < ${population_prepaid_share} AND NOT p.is_company_paid AS is_prepaid,
    p.group_no,
    coalesce(g.is_poached, false) AS is_poached,
    p.is_key_person,
    p.is_company_paid,
    p.spend_z,
    p.arpu,
    p.activated_on,
    p.joins_in_period,
    CASE
        WHEN p.group_no IS NOT NULL AND (p.is_company_paid OR unit(p.key, 'group branch') < ${groups_same_branch_share})
            THEN g.branch_no
        ELSE p.own_branch_no
    END AS branch_no,
    -- Ever-present traits of use.
    clamp(
        ${usage_voice_per_day} * exp(${usage_voice_sigma} * (
            ${usage_spend_correlation} * p.spend_z
            + sqrt(1 - ${usage_spend_correlation} * ${usage_spend_correlation}) * gauss(p.key, 'voice')
        )), 0.05, ${usage_voice_max}
    ) AS voice_rate,
    clamp(${usage_sms_per_day} * exp(${usage_sms_sigma} * gauss(p.key, 'sms')), 0.01, ${usage_sms_max}) AS sms_rate,
    CASE
        WHEN unit(p.key, 'no data') < ${usage_no_data_share} THEN 0
        ELSE clamp(${usage_data_active_day} + 0.10 * gauss(p.key, 'data days'), 0.2, 1)
    END AS data_rate,
    ${usage_data_mb_median} * exp(${usage_data_mb_sigma} * gauss(p.key, 'megabytes')) AS data_mb,
    whole(p.key, 'circle', ${usage_circle_min}, ${usage_circle_max}) AS circle_size,
    unit(p.key, 'late payer') < ${money_late_payer_share} AS is_late_payer
FROM placed AS p
LEFT JOIN groups AS g ON p.group_no = g.group_no
ORDER BY p.idx;
