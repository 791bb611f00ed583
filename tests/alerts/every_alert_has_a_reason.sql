-- An alert says why: which signals made it, and its reasons in both languages. Only the commitment risk can raise one without a point or a condition.
select
    as_of_date,
    subscriber_id,
    model_scope,
    alert_level,
    alert_signals,
    reason_codes,
    reason_text_en,
    reason_text_zh
from {{ ref('fct_weekly_alerts') }}
where (reason_codes = '') <> (reason_text_en = '')
    or (reason_codes = '') <> (reason_text_zh = '')
    or (alert_level = 'none') <> (alert_signals = '')
    or (alert_level <> 'none' and reason_codes = '' and coalesce(commitment_risk_level, 2) <> 1)
