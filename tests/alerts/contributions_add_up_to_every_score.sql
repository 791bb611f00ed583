-- Every point is explained: the counted contributions of a score add up to it, and there is none for a line without scores. Added up where they are kept, where
-- one stands for both models. (That each line has scores of both is what every_target_has_an_alert_row_in_both_scopes looks at.)
with explained as (

    select
        as_of_date,
        subscriber_id,
        {%- for model_scope in ['base', 'local'] %}
        {%- for scorecard in ['core_risk', 'core_stability', 'churn_traceback'] %}
        coalesce(sum(case when scorecard_code = '{{ scorecard }}' and is_counted_in_{{ model_scope }} then points end), 0) as {{ scorecard }}_{{ model_scope }},
        {%- endfor %}
        {%- endfor %}
        count(*) as contributions
    from {{ of_built_observations(ref('contributions')) }} as contributions
    where is_counted_in_base or is_counted_in_local
    group by as_of_date, subscriber_id

),

alerts as (

    select * from {{ of_built_observations(ref('alerts_at_date')) }} as alerts_at_date

),

compared as (

    select
        coalesce(alerts.as_of_date, explained.as_of_date) as as_of_date,
        coalesce(alerts.subscriber_id, explained.subscriber_id) as subscriber_id,
        alerts.model_scope,
        {%- for scorecard in ['core_risk', 'core_stability', 'churn_traceback'] %}
        alerts.{{ scorecard }}_score,
        coalesce(case when alerts.model_scope = 'base' then explained.{{ scorecard }}_base else explained.{{ scorecard }}_local end, 0) as {{ scorecard }}_points,
        {%- endfor %}
        alerts.subscriber_id is null as has_no_alert_row
    from alerts
    full outer join explained
        on alerts.as_of_date = explained.as_of_date
        and alerts.subscriber_id = explained.subscriber_id

)

select *
from compared
where has_no_alert_row
    {%- for scorecard in ['core_risk', 'core_stability', 'churn_traceback'] %}
    or {{ scorecard }}_score <> {{ scorecard }}_points
    {%- endfor %}
