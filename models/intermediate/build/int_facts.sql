{#- What observations are made of besides calls: each fact of the staged tables with the first date that it can change, and for whom (a line, a customer, ...).
    An observation depends on no fact that holds from a later date. A column that an indicator, or anything else of an observation, begins to
    read has to be named here. -#}
{{ config(materialized='view') }}
{%- set always = "date '0001-01-01'" -%}
{%- set facts = [
    ('line', 'subscriber_id', 'activated_on', 'stg_subscribers', ['customer_id', 'account_id', 'msisdn_masked', 'brand_code', 'activated_on'], none),
    ('line', 'subscriber_id', 'observed_from', 'int_plan_periods', ['plan_code', 'starts_on'], none),
    ('line', 'subscriber_id', 'starts_on', 'int_status_periods', ['status_code', 'starts_on'], none),
    ('line', 'subscriber_id', 'changed_on', 'int_status_entries', ['status_code', 'changed_at'], none),
    ('line', 'subscriber_id', 'issued_on', 'stg_bills', ['bill_month', 'total_fee', 'new_service_fee', 'issued_on'], none),
    ('line', 'subscriber_id', 'snapshot_on', 'stg_arrears_snapshots', ['snapshot_on', 'arrears_amount', 'arrears_months'], none),
    ('line', 'subscriber_id', 'opened_on', 'stg_complaints', ['complaint_id', 'opened_on', 'severity', 'fault_level', 'due_at'], none),
    ('line', 'subscriber_id', 'cast(answered_at as date)', 'stg_complaints', ['complaint_id', 'answered_at'], 'answered_at is not null'),
    ('line', 'subscriber_id', 'contacted_on', 'stg_service_contacts', ['contact_id', 'contacted_on'], "purpose = 'care'"),
    ('line', 'subscriber_id', 'starts_on', 'stg_contracts', ['contract_id', 'contract_type', 'starts_on', 'ends_on'], none),
    ('line', 'subscriber_id', 'first_seen_on', 'stg_devices', ['first_seen_on', 'device_model_code'], none),
    ('line', 'subscriber_id', 'started_on', 'stg_service_subscriptions', ['service_code', 'started_on'], none),
    ('line', 'subscriber_id', 'ended_on', 'stg_service_subscriptions', ['service_code', 'started_on', 'ended_on'], 'ended_on is not null'),
    ('line', 'subscriber_id', 'joined_on', 'stg_group_members', ['group_id', 'joined_on'], none),
    ('group', 'group_id', 'joined_on', 'stg_group_members', ['subscriber_id', 'joined_on', 'member_role'], none),
    ('group', 'group_id', 'left_on', 'stg_group_members', ['subscriber_id', 'joined_on', 'left_on'], 'left_on is not null'),
    ('group', 'group_id', always, 'int_groups', ['industry_code', 'is_top_taxpayer'], none),
    ('customer', 'customer_id', always, 'stg_customers', ['city_code', 'branch_code', 'manager_id'], none),
    ('branch', 'branch_code', always, 'stg_branches', ['city_code'], none),
    ('plan', 'plan_code', always, 'stg_plans', ['monthly_fee'], none),
    ('device_model', 'device_model_code', always, 'stg_device_models', ['is_dual_sim', 'customised_for'], none)
] -%}
{%- for scope_type, scope_key, holds_from, table_name, columns, condition in facts %}
select
    '{{ scope_type }}' as scope_type,
    {{ scope_key }} as scope_key,
    coalesce({{ holds_from }}, {{ always }}) as holds_from,
    {{ row_hash(["'" ~ scope_type ~ loop.index ~ "'", scope_key] + columns) }} as fact_hash
from {{ ref(table_name) }}
{%- if condition %}
where {{ condition }}
{%- endif %}
{{ 'union all' if not loop.last }}
{%- endfor %}
