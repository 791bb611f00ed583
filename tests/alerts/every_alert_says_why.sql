-- An alert says which signals made it, and each of its reason codes comes with a sentence in both languages. (The commitment risk alone can raise an alert
-- without a point or a condition: then the signal is all there is to say.)
select
    as_of_date,
    subscriber_id,
    model_scope,
    alert_level,
    alert_signals,
    reason_codes,
    reason_text_en,
    reason_text_zh
from {{ of_built_observations(ref('fct_weekly_alerts')) }} as weekly_alerts
where (alert_level = 'none') <> (alert_signals = '')
    or (reason_codes = '') <> (reason_text_en = '')
    or (reason_codes = '') <> (reason_text_zh = '')
