-- Branches with their share of the population, as ranges on [0, 1).
CREATE TABLE branch_ranges AS
SELECT
    branch_no,
    branch_code,
    city_code,
    (sum(weight) OVER (ORDER BY branch_no) - weight)::DOUBLE / sum(weight) OVER () AS low,
    (sum(weight) OVER (ORDER BY branch_no))::DOUBLE / sum(weight) OVER () AS high
FROM effect_branches;

CREATE TABLE model_ranges AS
SELECT
    model_no,
    device_model_code,
    (sum(weight) OVER (ORDER BY model_no) - weight)::DOUBLE / sum(weight) OVER () AS low,
    (sum(weight) OVER (ORDER BY model_no))::DOUBLE / sum(weight) OVER () AS high
FROM effect_device_models;

CREATE TABLE industry_ranges AS
SELECT
    industry_code,
    (sum(weight) OVER (ORDER BY industry_code) - weight)::DOUBLE / sum(weight) OVER () AS low,
    (sum(weight) OVER (ORDER BY industry_code))::DOUBLE / sum(weight) OVER () AS high
FROM effect_industries;

CREATE TABLE kind_ranges AS
SELECT
    *,
    sum(leaver_share) OVER (ORDER BY kind) - leaver_share AS leaver_low,
    sum(leaver_share) OVER (ORDER BY kind) AS leaver_high,
    sum(decoy_share) OVER (ORDER BY kind) - decoy_share AS decoy_low,
    sum(decoy_share) OVER (ORDER BY kind) AS decoy_high
FROM effect_kinds;

-- The months of the bills: eight before the month of the first day, to the month of the last day.
CREATE TABLE months AS
SELECT
    month_start::DATE AS month_start,
    (month_start + INTERVAL 1 MONTH)::DATE AS next_month_start,
    last_day(month_start::DATE) AS month_end,
    year(month_start) * 12 + month(month_start) AS month_no
FROM range(
    date_trunc('month', DATE '${first_day}') - INTERVAL 8 MONTH,
    DATE '${last_day}' + INTERVAL 1 DAY,
    INTERVAL 1 MONTH
) AS r (month_start);

CREATE TABLE plans AS
SELECT plan_code, plan_name, monthly_fee FROM effect_plans ORDER BY plan_code;

CREATE TABLE branches AS
SELECT branch_code, branch_name, city_code, city_name FROM effect_branches ORDER BY branch_code;

CREATE TABLE device_models AS
SELECT device_model_code, brand, price_tier, is_dual_sim, customised_for FROM effect_device_models ORDER BY device_model_code;

CREATE TABLE managers AS
SELECT
    'M' || lpad((b.branch_no * 10000 + m.manager_no)::VARCHAR, 6, '0') AS manager_id,
    'Demo Manager ' || (b.branch_no + 1) || '-' || (m.manager_no + 1) AS manager_name,
    b.branch_code
FROM effect_branches AS b
CROSS JOIN range(${managers_in_branch}) AS m (manager_no)
ORDER BY manager_id;
