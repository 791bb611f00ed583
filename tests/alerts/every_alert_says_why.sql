-- An alert says which signals made it, and each of its reason codes comes with a sentence in both languages. (The commitment risk alone can raise an alert
-- without a point or a condition: then the signal is all there is to say.)
select
    alerts.as_of_date,
    alerts.subscriber_id,
    alerts.model_scope,
    alerts.alert_level,
    alerts.alert_signals,
    alerts.reason_list_hash,
    lists.reason_codes,
    lists.reason_text_en,
    lists.reason_text_zh
from {{ of_built_observations(ref('alerts_at_date')) }} as alerts
left join {{ ref('reason_lists') }} as lists on alerts.reason_list_hash = lists.list_hash
where (alerts.alert_level = 'none') <> (alerts.alert_signals = '')
    or (
        alerts.reason_list_hash is not null
        and (coalesce(lists.reason_codes, '') = '' or coalesce(lists.reason_text_en, '') = '' or coalesce(lists.reason_text_zh, '') = '')
    )
