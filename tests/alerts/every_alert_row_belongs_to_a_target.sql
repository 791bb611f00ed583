-- Nobody is in the marts who is not watched. Mirrors every_target_has_an_alert_row_in_both_scopes.
select
    alerts.as_of_date,
    alerts.subscriber_id,
    alerts.model_scope
from {{ of_built_observations(ref('alerts_at_date')) }} as alerts
left join {{ of_built_observations(ref('int_observations')) }} as targets
    on alerts.as_of_date = targets.as_of_date
    and alerts.subscriber_id = targets.subscriber_id
where targets.subscriber_id is null
