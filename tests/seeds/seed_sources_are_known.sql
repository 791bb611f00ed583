-- A row that says where its number comes from says it with one of the five source codes.
-- To mend it: write deck, paper, liaoning, clm, or default (our own choice) into the column source.
{% set sourced_seeds = [
    'scorecards', 'indicators', 'scorecard_bands',
    'alert_levels', 'stability_alert_rules', 'early_warning_rules', 'warning_conditions', 'alert_policy', 'loss_rules',
    'value_tiers', 'group_classes', 'industries', 'subscriber_statuses',
    'services', 'parameters', 'feed_expectations',
] %}

with sourced_rows as (
    {% for seed in sourced_seeds %}
    select
        '{{ seed }}' as seed_name,
        source,
        note
    from {{ ref(seed) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select distinct
    seed_name,
    source,
    note
from sourced_rows
where source not in ('deck', 'paper', 'liaoning', 'clm', 'default')
