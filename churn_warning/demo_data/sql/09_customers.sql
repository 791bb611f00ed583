CREATE TABLE owners AS
SELECT
    owner_no,
    any_value(customer_id) AS customer_id,
    any_value(account_id) AS account_id,
    min(activated_on) AS since,
    max(arpu) AS best_arpu,
    bool_or(is_key_person) AS has_key_person,
    bool_or(is_prepaid) AS is_prepaid
FROM people
GROUP BY owner_no;

CREATE TABLE managed_owners AS
WITH persons AS (
    SELECT
        o.*,
        'individual' AS customer_type,
        p.key,
        p.branch_no,
        p.idx,
        CASE
            WHEN o.has_key_person THEN true
            WHEN o.best_arpu >= ${managers_high_value_arpu} THEN unit(p.key, 'managed') < ${managers_high_value_managed_share}
            WHEN o.best_arpu >= ${managers_mid_value_arpu} THEN unit(p.key, 'managed') < ${managers_mid_value_managed_share}
            ELSE false
        END AS is_managed,
        whole(p.key, 'manager', 0, ${managers_in_branch} - 1) AS manager_no
    FROM owners AS o
    JOIN people AS p ON o.owner_no = p.idx
    WHERE o.owner_no < 9000000
),

companies AS (
    SELECT
        o.*,
        'group' AS customer_type,
        g.key,
        g.branch_no,
        NULL::INTEGER AS idx,
        true AS is_managed,
        g.manager_no
    FROM owners AS o
    JOIN groups AS g ON o.owner_no = 9000000 + g.group_no
    WHERE o.owner_no >= 9000000
)

SELECT *, CASE WHEN is_managed THEN 'M' || lpad((branch_no * 10000 + manager_no)::VARCHAR, 6, '0') END AS manager_id
FROM (SELECT * FROM persons UNION ALL SELECT * FROM companies)
ORDER BY owner_no;

CREATE TABLE customers AS
SELECT
    m.customer_id,
    m.customer_type,
    CASE WHEN m.customer_type = 'group' THEN 'Demo Company ' ELSE 'Demo Person ' END || lpad(m.owner_no::VARCHAR, 7, '0') AS customer_name,
    CASE
        WHEN m.customer_type = 'group' OR unit(m.key, 'gender') < 0.06 THEN NULL
        WHEN unit(m.key, 'gender') < 0.52 THEN 'm'
        ELSE 'f'
    END AS gender,
    CASE
        WHEN m.customer_type = 'individual' AND unit(m.key, 'birth known') < 0.93
            THEN DATE '1946-01-01' + whole(m.key, 'birth', 0, 22000)
    END AS birth_date,
    CASE
        WHEN m.customer_type = 'individual' THEN (19900000000 + m.owner_no)::VARCHAR
        ELSE '000' || lpad(m.owner_no::VARCHAR, 8, '0')
    END AS contact_phone,
    'No. ' || whole(m.key, 'house', 1, 300) || ', Example Road ' || whole(m.key, 'road', 1, 90) || ', ' || b.city_name AS address,
    'DEMO' || lpad((hash(m.key) % 100000000000000)::VARCHAR, 14, '0') AS certificate_no,
    CASE WHEN unit(m.key, 'verified known') < 0.97 THEN unit(m.key, 'verified') < ${population_certificate_verified_share} END AS certificate_verified,
    b.city_code,
    b.branch_code,
    m.manager_id,
    office_hours(m.key, 'created', m.since) AS created_at,
    least(
        office_hours(m.key, 'updated', m.since + whole(m.key, 'updated on', 0, 900)),
        DATE '${last_day}'::TIMESTAMP + INTERVAL 9 HOUR
    ) AS updated_at
FROM managed_owners AS m
JOIN effect_branches AS b ON m.branch_no = b.branch_no
ORDER BY m.customer_id;

CREATE TABLE accounts AS
SELECT
    account_id,
    customer_id,
    CASE WHEN is_prepaid THEN 'prepaid' ELSE 'postpaid' END AS payment_method,
    since AS opened_on,
    office_hours(key, 'account', since) AS updated_at
FROM managed_owners
ORDER BY account_id;

CREATE TABLE subscribers AS
SELECT
    p.subscriber_id,
    p.customer_id,
    p.account_id,
    p.msisdn,
    CASE
        WHEN pl.monthly_fee >= 88 AND unit(p.key, 'brand') < 0.9 THEN 'gotone'
        WHEN unit(p.key, 'brand') < 0.35 THEN 'mzone'
        WHEN unit(p.key, 'brand') < 0.97 THEN 'easyown'
    END AS brand_code,
    pl.plan_code,
    p.activated_on,
    office_hours(p.key, 'line updated', greatest(p.activated_on, l.on_1, l.on_2, coalesce(least(e.leave_on, DATE '${last_day}'), p.activated_on)))
        AS updated_at
FROM people AS p
JOIN plan_lives AS l ON p.idx = l.idx
JOIN effect_plans AS pl ON l.level_2 = pl.plan_level
LEFT JOIN episodes AS e ON p.idx = e.idx
ORDER BY p.subscriber_id;

CREATE TABLE enterprise_groups AS
SELECT
    'G' || lpad(g.group_no::VARCHAR, 6, '0') AS group_id,
    'Demo Company ' || lpad((9000000 + g.group_no)::VARCHAR, 7, '0') AS group_name,
    g.industry_code,
    unit(g.key, 'taxpayer') < ${groups_top_taxpayer_share} AS is_top_taxpayer,
    g.city_code,
    g.branch_code,
    'M' || lpad((g.branch_no * 10000 + g.manager_no)::VARCHAR, 6, '0') AS manager_id,
    unit(g.key, 'profile') < ${groups_profile_complete_share} AS profile_complete,
    office_hours(g.key, 'updated', DATE '${first_day}' - whole(g.key, 'updated on', -${days} + 1, 500)) AS updated_at
FROM groups AS g
ORDER BY group_id;

CREATE TABLE group_members AS
WITH memberships AS (
    SELECT
        p.idx,
        p.key,
        p.group_no,
        p.is_key_person,
        p.activated_on + floor((DATE '${last_day}' - p.activated_on) * pow(unit(p.key, 'joined group'), 2))::INTEGER AS joined_on
    FROM people AS p
    WHERE p.group_no IS NOT NULL
    UNION ALL
    -- A few belong to a second group as well.
    SELECT
        p.idx,
        hash(p.key),
        (p.group_no + 1 + whole(p.key, 'second group', 0, ${group_count} - 2)) % ${group_count},
        false,
        greatest(p.activated_on, DATE '${first_day}' - whole(p.key, 'second joined', -${days} + 1, 400))
    FROM people AS p
    WHERE p.group_no IS NOT NULL AND ${group_count} > 1 AND unit(p.key, 'in second group') < ${groups_second_group_share}
),

ended AS (
    SELECT
        m.*,
        least(
            CASE
                WHEN unit(m.key, 'left group') < ${groups_left_share} AND NOT m.is_key_person
                    THEN m.joined_on + 30 + floor((DATE '${last_day}' - m.joined_on) * unit(m.key, 'left group on'))::INTEGER
            END,
            -- Some companies take leavers off the list at once, some a little later, some never.
            CASE WHEN unit(m.key, 'taken off') < ${groups_taken_off_share} THEN e.leave_on + whole(m.key, 'taken off after', 0, 20) END
        ) AS left_on
    FROM memberships AS m
    LEFT JOIN episodes AS e ON m.idx = e.idx
    WHERE m.joined_on <= DATE '${last_day}' AND (e.leave_on IS NULL OR m.joined_on < e.leave_on)
)

SELECT
    'G' || lpad(e.group_no::VARCHAR, 6, '0') AS group_id,
    p.subscriber_id,
    CASE WHEN e.is_key_person THEN 'key_person' ELSE 'member' END AS member_role,
    e.joined_on,
    CASE WHEN e.left_on <= DATE '${last_day}' THEN e.left_on END AS left_on,
    office_hours(e.key, 'membership', CASE WHEN e.left_on <= DATE '${last_day}' THEN e.left_on ELSE e.joined_on END) AS updated_at
FROM ended AS e
JOIN people AS p ON e.idx = p.idx
ORDER BY group_id, p.subscriber_id, e.joined_on;
