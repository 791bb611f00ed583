-- An alert says why: by a reason in both languages or, where no point was given, by the commitment risk alone.
select
    as_of_date,
    subscriber_id,
    model_scope,
    alert_level,
    reason_codes,
    reason_text_en,
    reason_text_zh
from {{ ref('fct_weekly_alerts') }}
where (reason_codes = '') <> (reason_text_en = '')
    or (reason_codes = '') <> (reason_text_zh = '')
    or (alert_level <> 'none' and reason_codes = '' and coalesce(commitment_risk_level, 2) <> 1)
