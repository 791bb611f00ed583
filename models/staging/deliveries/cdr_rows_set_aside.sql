{#- Of millions of rows the few that need a second look: rejected ones, and all versions of records that lie in more than one row. All others are read once
    more, and go straight through. -#}
{{ config(tags=['built_by_day']) }}
{%- set tables = tables_read_by_day() -%}
{%- set code_column = {'voice_cdrs': 'call_type', 'sms_cdrs': 'direction'} -%}
-- depends_on: {{ ref('cdr_files_to_read') }}
-- depends_on: {{ ref('repeated_cdr_keys') }}
-- depends_on: {{ ref('stg_subscribers') }}
{% for table_name in tables -%}
{{ 'with' if loop.first }} judged_{{ table_name }} as (

    {{ checked_rows(table_name) }}

),

{{ table_name }} as (

    select * from judged_{{ table_name }}
    where not is_accepted
        or is_repeated

),

ranked_{{ table_name }} as (

    {{ cdr_versions(table_name) }}

),

{% endfor -%}
set_aside as (

    {% for table_name in tables -%}
    {%- set has_peer = table_name in code_column %}
    -- A code that is on no list may be anything, a name for example.
    select
        '{{ table_name }}' as table_name,
        cdr_id,
        subscriber_id,
        {{ 'sent_at' if table_name == 'sms_cdrs' else 'started_at' }} as event_at,
        {{ 'case when is_accepted then ' ~ code_column[table_name] ~ ' end' if has_peer else 'cast(null as ' ~ engine_type('varchar') ~ ')' }} as event_code,
        {{ national_number('peer_number') if has_peer else 'cast(null as ' ~ engine_type('varchar') ~ ')' }} as peer_number,
        {{ 'case when is_accepted then peer_operator end' if has_peer else 'cast(null as ' ~ engine_type('varchar') ~ ')' }} as peer_operator,
        {{ {'voice_cdrs': 'duration_s', 'data_cdrs': 'bytes_total'}.get(table_name, 'cast(null as bigint)') }} as amount,
        fee,
        delivered_file,
        delivered_on,
        {%- for rule in row_rules() %}
        breaks_{{ rule }},
        {%- endfor %}
        is_accepted,
        row_key,
        row_json,
        version_rank,
        delivered_rows,
        first_version_on,
        last_version_on
    from ranked_{{ table_name }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

hotlines as (

    select
        {{ national_number("hotline_number") }} as hotline_number,
        operator_code
    from {{ ref('operator_hotlines') }}

)

select
    set_aside.table_name,
    set_aside.cdr_id,
    set_aside.subscriber_id,
    set_aside.event_at,
    set_aside.event_code,
    {{ keyed_hash('set_aside.peer_number') }} as peer_hash,
    hotlines.operator_code as hotline_operator_code,
    set_aside.peer_operator,
    set_aside.amount,
    set_aside.fee,
    set_aside.delivered_file,
    set_aside.delivered_on,
    {%- for rule in row_rules() %}
    set_aside.breaks_{{ rule }},
    {%- endfor %}
    set_aside.is_accepted,
    set_aside.row_key,
    set_aside.row_json,
    set_aside.version_rank,
    set_aside.delivered_rows,
    set_aside.first_version_on,
    set_aside.last_version_on
from set_aside
left join hotlines
    on set_aside.peer_number = hotlines.hotline_number
    and set_aside.table_name = 'voice_cdrs'
