-- Contracts come before the decision to leave: who is bound leaves less, and often at the end.
CREATE TABLE contract_terms AS
WITH wanted AS (
    SELECT idx, key, activated_on, 1 AS type_no, 'fee_amortisation' AS contract_type FROM people
    WHERE unit(key, 'amortisation') < ${contracts_fee_amortisation_share} * CASE WHEN arpu >= ${contracts_bound_arpu}
        THEN ${contracts_above_multiplier} ELSE ${contracts_below_multiplier} END
    UNION ALL
    SELECT idx, key, activated_on, 2, 'handset_lease' FROM people
    WHERE unit(key, 'lease') < ${contracts_handset_lease_share} * CASE WHEN arpu >= ${contracts_bound_arpu}
        THEN ${contracts_above_multiplier} ELSE ${contracts_below_multiplier} END
    UNION ALL
    SELECT idx, key, activated_on, 3, 'business' FROM people
    WHERE group_no IS NOT NULL AND unit(key, 'business') < ${contracts_business_member_share}
),

first_term AS (
    SELECT
        *,
        part_key(key, 100 + type_no) AS contract_key,
        greatest(
            activated_on,
            DATE '${first_day}' - whole(part_key(key, 100 + type_no), 'start', -${days} + 1, 760)
        ) AS starts_on
    FROM wanted
),

with_term AS (
    SELECT
        *,
        CASE WHEN unit(contract_key, 'term') < ${contracts_twelve_months_share} THEN 12 ELSE 24 END AS term_months,
        unit(contract_key, 'renewed') < ${contracts_renewal_share} AS is_renewed
    FROM first_term
),

terms AS (
    SELECT *, 1 AS term_no, (starts_on + to_months(term_months) - INTERVAL 1 DAY)::DATE AS ends_on FROM with_term
    UNION ALL
    SELECT
        * REPLACE ((starts_on + to_months(term_months))::DATE AS starts_on),
        2 AS term_no,
        (starts_on + to_months(2 * term_months) - INTERVAL 1 DAY)::DATE AS ends_on
    FROM with_term
    WHERE is_renewed
)

SELECT idx, type_no, contract_type, term_no, starts_on, ends_on
FROM terms
WHERE starts_on <= DATE '${last_day}';
