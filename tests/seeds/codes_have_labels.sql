-- Whoever reads the marts finds a name in both languages for each code that analysts add to. A warning only: a code
-- without a label still works. To mend it: add the rows shown to seed labels.
{{ config(severity='warn') }}

with codes as (
    select
        'value_tier' as code_type,
        tier_code as code
    from {{ ref('value_tiers') }}
    union all
    select
        'group_class' as code_type,
        class_code as code
    from {{ ref('group_classes') }}
    union all
    select
        'industry' as code_type,
        industry_code as code
    from {{ ref('industries') }}
    union all
    select
        'subscriber_status' as code_type,
        status_code as code
    from {{ ref('subscriber_statuses') }}
    union all
    select
        'operator' as code_type,
        operator_code as code
    from {{ ref('operators') }}
    union all
    select
        'loss_rule' as code_type,
        rule_code as code
    from {{ ref('loss_rules') }}
    union all
    select distinct
        'unit' as code_type,
        unit as code
    from {{ ref('indicators') }}
)

select
    codes.code_type,
    codes.code
from codes
left join {{ ref('labels') }} as labels
    on codes.code_type = labels.code_type
    and codes.code = labels.code
where labels.code is null
