-- All seven loss rules are there; those that compare have a threshold; falls in a row and what has to fall go together.
with needed as (
    {% for rule, needs_threshold in {
        'fee': true, 'minutes': true, 'calls': true, 'bundles': true, 'new_service_fee': true, 'plan_downgrade': false, 'quantity': false
    }.items() %}
    select
        '{{ rule }}' as needed_rule_code,
        {{ needs_threshold | lower }} as needs_threshold
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    needed.*,
    loss_rules.*
from needed
left join {{ ref('loss_rules') }} as loss_rules
    on needed.needed_rule_code = loss_rules.rule_code
where loss_rules.rule_code is null
    or (needed.needs_threshold and loss_rules.threshold is null)
    or (loss_rules.declining_months is null) <> (loss_rules.declining_measure is null)
