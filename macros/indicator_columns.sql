{#- The indicators that have a column of their own, by the model that measures them (ind_<family>). -#}
{%- macro indicator_columns() -%}
{{ return({
    'status': ['suspended_days_7d', 'closing_status', 'arrears_suspensions_182d'],
    'usage': ['minutes_drop_4w', 'peer_days_drop_4w', 'fee_drop_4w', 'idle_days_7d'],
    'rare_calls': [
        'forward_days_7d', 'forwards_28d', 'forwards_91d', 'own_hotline_calls_182d', 'competitor_hotline_calls_7d', 'competitor_hotline_calls_182d'
    ],
    'arrears': ['arrears_amount', 'arrears_months'],
    'bills': ['fee_ratio_3m_6m', 'new_service_fee_drop_2m'],
    'handset': ['handset_risk'],
    'complaints': [
        'complaints_7d', 'complaints_28d', 'complaints_91d', 'severe_complaints_7d', 'severe_complaints_28d', 'overdue_complaints',
        'max_fault_level_91d'
    ],
    'contacts': ['care_contacts_182d'],
    'contracts': ['contract_days_left', 'amortisation_days_left', 'expiring_contracts_30d'],
    'services': ['new_services_182d'] + sticky_indicators(),
    'ties': ['tenure_days', 'group_member'],
}) }}
{%- endmacro -%}

{#- Families whose indicators are all 0 for most lines. -#}
{%- macro families_of_zeros() -%}
{{ return(['status', 'rare_calls', 'arrears', 'complaints', 'contacts', 'contracts']) }}
{%- endmacro -%}

{#- The sticky services that have a column. Seed services may mark others too, and no longer mark one of these. -#}
{%- macro sticky_indicators() -%}
{{ return([
    'sticky_shred_list', 'sticky_phonebook_manager', 'sticky_info_manager', 'sticky_m_group', 'sticky_family_numbers', 'sticky_group_internal_app',
    'sticky_mobile_mailbox', 'sticky_mobile_data'
]) }}
{%- endmacro -%}

{#- Columns that say why another one is null, where more than 'unknown' can be said: family -> column -> its indicators. -#}
{%- macro unknown_because_columns() -%}
{{ return({
    'usage': {'drops_unknown_because': ['minutes_drop_4w', 'peer_days_drop_4w', 'fee_drop_4w']},
    'bills': {'new_service_fee_drop_unknown_because': ['new_service_fee_drop_2m']},
}) }}
{%- endmacro -%}

{#- Indicator columns of a table as rows: date, line, indicator, value, status. One scan per column, so that a reader who wants one indicator reads no other.
    Needs the CTE sticky_in_use. -#}
{%- macro long_form(relation, family) -%}
{%- set because = {} -%}
{%- for column, codes in unknown_because_columns().get(family, {}).items() -%}
    {%- for code in codes %}{% do because.update({code: "coalesce(" ~ column ~ ", 'unknown')"}) %}{% endfor -%}
{%- endfor -%}
{%- for code in indicator_columns()[family] %}
    select
        as_of_date,
        subscriber_id,
        '{{ code }}' as indicator_code,
        cast({{ code }} as double) as indicator_value,
        case when {{ code }} is not null then 'known' else {{ because.get(code, "'unknown'") }} end as indicator_status
    from {{ relation }}
    {%- if code in sticky_indicators() %}
    where '{{ code }}' in (select indicator_code from sticky_in_use)
    {%- endif %}
    {{ 'union all' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}
