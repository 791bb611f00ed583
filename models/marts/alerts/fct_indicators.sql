{{ config(materialized='view') }}
with indicators as (

    select * from {{ in_own_file(ref('indicators_at_date')) }}

)

select
    as_of_date,
    subscriber_id,
    history_days,
    suspended_days_7d,
    closing_status,
    idle_days_7d,
    forward_days_7d,
    forwards_28d,
    forwards_91d,
    arrears_months,
    arrears_suspensions_182d,
    handset_risk,
    complaints_28d,
    complaints_91d,
    complaints_7d,
    severe_complaints_7d,
    severe_complaints_28d,
    overdue_complaints,
    max_fault_level_91d,
    own_hotline_calls_182d,
    competitor_hotline_calls_7d,
    competitor_hotline_calls_182d,
    care_contacts_182d,
    new_services_182d,
    contract_days_left,
    amortisation_days_left,
    expiring_contracts_30d,
    tenure_days,
    group_member,
    sticky_shred_list,
    sticky_phonebook_manager,
    sticky_info_manager,
    sticky_m_group,
    sticky_family_numbers,
    sticky_group_internal_app,
    sticky_mobile_mailbox,
    sticky_mobile_data,
    minutes_drop_4w,
    peer_days_drop_4w,
    fee_drop_4w,
    new_service_fee_drop_2m,
    fee_ratio_3m_6m,
    arrears_amount
from indicators
