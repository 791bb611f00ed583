-- Whoever reads a number finds beside it where it comes from and why it is so. A warning only: a weight without a
-- word still works. To mend it: fill the columns source and note of the rows shown.
{{ config(severity='warn') }}
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

select
    seed_name,
    source,
    note,
    count(*) as row_count
from sourced_rows
where trim(coalesce(source, '')) = '' or trim(coalesce(note, '')) = ''
group by seed_name, source, note
