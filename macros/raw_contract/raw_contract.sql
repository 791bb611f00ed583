{#- Reads the raw contract, models/staging/_sources.yml, so that every rule about a raw column is written there once.
    dbt knows it only while it executes: while it parses, both return nothing. -#}

{%- macro contract_of(table_name) -%}
    {%- set found = graph.sources.values() | selectattr('source_name', 'equalto', 'raw') | selectattr('name', 'equalto', table_name) | list if execute else [] -%}
    {%- if found | length == 0 -%}
        {{ return({'name': table_name, 'key': [], 'event_at': none, 'always_required': false, 'read_by_day': false, 'columns': []}) }}
    {%- endif -%}
    {%- set table = found[0] -%}
    {%- set columns = [] -%}
    {%- for column in table.columns.values() -%}
        {%- do columns.append({'name': column.name, 'type': column.data_type, 'meta': column.config.meta if column.config else column.meta}) -%}
    {%- endfor -%}
    {{ return({
        'name': table_name,
        'key': table.config.meta.get('key', []),
        'event_at': table.config.meta.get('event_at'),
        'always_required': table.config.meta.get('always_required', false),
        'read_by_day': table.config.meta.get('read_by_day', false),
        'columns': columns
    }) }}
{%- endmacro -%}

{#- The raw tables by name, known while dbt parses as well: models that read all of them need their names then. -#}
{%- macro raw_table_names() -%}
    {{ return([
        'accounts', 'arrears_snapshots', 'bills', 'branches', 'complaints', 'contracts', 'customers', 'data_cdrs', 'device_models', 'devices',
        'enterprise_groups', 'group_members', 'managers', 'plan_changes', 'plans', 'service_contacts', 'service_subscriptions', 'sms_cdrs',
        'subscriber_status_events', 'subscribers', 'voice_cdrs'
    ]) }}
{%- endmacro -%}

{#- Those of them that a run reads by day (read_by_day in the contract). -#}
{%- macro tables_read_by_day() -%}{{ return(['voice_cdrs', 'sms_cdrs', 'data_cdrs']) }}{%- endmacro -%}

{#- Names the run in what it leaves behind; the runner gives its own id. -#}
{%- macro run_id() -%}{{ return(quoted(env_var('CHURN_WARNING_RUN_ID', '') or invocation_id) if execute else '') }}{%- endmacro -%}
