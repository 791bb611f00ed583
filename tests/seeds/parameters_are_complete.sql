-- Every parameter that a rule reads is there, a whole number of its kind, and the top taxpayers' class exists.
{% set whole_numbers = [
    'billing_lag_days', 'daily_lookback_days', 'commitment_horizon_months', 'expiry_horizon_days', 'contact_cooldown_days',
    'outcome_horizon_days', 'arrears_max_age_days', 'overdue_window_days', 'min_history_days', 'min_counted_weeks',
    'max_reasons', 'keep_versions', 'backtest_min_observations',
] %}

with needed as (
    {% for code in whole_numbers %}
    select
        '{{ code }}' as parameter_code,
        'a whole number of 0 or more' as expected
    union all
    {% endfor %}
    select
        'top_taxpayer_class' as parameter_code,
        'a class of seed group_classes' as expected
),

found as (
    select
        parameters.parameter_code,
        parameters.value,
        group_classes.class_code
    from {{ ref('parameters') }} as parameters
    left join {{ ref('group_classes') }} as group_classes
        on parameters.value = group_classes.class_code
)

select
    needed.parameter_code,
    found.value,
    needed.expected
from needed
left join found
    on needed.parameter_code = found.parameter_code
where found.value is null
    or (needed.parameter_code = 'top_taxpayer_class' and found.class_code is null)
    or (needed.parameter_code <> 'top_taxpayer_class' and coalesce(try_cast(found.value as integer), -1) < 0)
