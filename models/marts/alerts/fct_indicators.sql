{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', on_schema_change='fail', pre_hook="{{ delete_observations_to_build() }}") }}
{%- set whole_numbers = [
    'suspended_days_7d', 'closing_status', 'idle_days_7d', 'forward_days_7d', 'forwards_28d', 'forwards_91d', 'arrears_months', 'arrears_suspensions_182d',
    'handset_risk', 'complaints_28d', 'complaints_91d', 'complaints_7d', 'severe_complaints_7d', 'severe_complaints_28d', 'overdue_complaints',
    'max_fault_level_91d', 'own_hotline_calls_182d', 'competitor_hotline_calls_7d', 'competitor_hotline_calls_182d', 'care_contacts_182d',
    'new_services_182d', 'contract_days_left', 'amortisation_days_left', 'expiring_contracts_30d', 'tenure_days', 'group_member',
    'sticky_shred_list', 'sticky_phonebook_manager', 'sticky_info_manager', 'sticky_m_group', 'sticky_family_numbers', 'sticky_group_internal_app',
    'sticky_mobile_mailbox', 'sticky_mobile_data'
] -%}
{%- set shares = ['minutes_drop_4w', 'peer_days_drop_4w', 'fee_drop_4w', 'new_service_fee_drop_2m', 'fee_ratio_3m_6m'] -%}
with indicators as (

    select * from {{ ref('indicators_to_build') }}

),

targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

wide as (

    select
        as_of_date,
        subscriber_id,
        {%- for code in whole_numbers %}
        cast(max(case when indicator_code = '{{ code }}' then indicator_value end) as integer) as {{ code }},
        {%- endfor %}
        {%- for code in shares %}
        max(case when indicator_code = '{{ code }}' then indicator_value end) as {{ code }},
        {%- endfor %}
        cast(max(case when indicator_code = 'arrears_amount' then indicator_value end) as decimal(18, 2)) as arrears_amount
    from indicators
    group by as_of_date, subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    targets.history_days,
    {%- for code in whole_numbers + shares %}
    wide.{{ code }},
    {%- endfor %}
    wide.arrears_amount
from targets
left join wide
    on targets.as_of_date = wide.as_of_date
    and targets.subscriber_id = wide.subscriber_id
