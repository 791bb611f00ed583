{#- All delivered rows of one raw table, typed, with one boolean per row rule of the raw contract.
    A null in a required column and a value that cannot be cast each break their own rule and no other.
    Of the tables that are read by day, is_repeated says as well whether other rows may have the same key (model repeated_cdr_keys). To look up the line of each
    of their rows takes longer than all other rules together, so it can be left out (with_lines): what rows then break is told by line and day, and is_sound
    says that a row broke no other rule. -#}
{%- macro checked_rows(table_name, with_lines=true) -%}
{%- set contract = contract_of(table_name) -%}
{%- set names = contract.columns | map(attribute='name') | list -%}
{%- set has_subscriber = 'subscriber_id' in names and table_name != 'subscribers' and with_lines -%}
{%- set has_customer = 'customer_id' in names and table_name != 'customers' -%}
{%- set rules = {} -%}
{%- for rule in row_rules() if with_lines or rule not in ['unknown_subscriber', 'event_before_activation'] %}{% do rules.update({rule: []}) %}{% endfor -%}
{%- for column in contract.columns -%}
    {%- set c, meta = 'typed.' ~ column.name, column.meta -%}
    {%- if meta.get('required') %}{% do rules.null_required.append('raw_' ~ column.name ~ ' is null') %}{% endif -%}
    {%- if column.type != 'varchar' %}{% do rules.not_castable.append('(raw_' ~ column.name ~ ' is not null and ' ~ c ~ ' is null)') %}{% endif -%}
    {%- if meta.get('accepted') -%}
        {%- set listed = [] -%}
        {%- for value in meta.accepted %}{% do listed.append("'" ~ value ~ "'" if column.type == 'varchar' else value) %}{% endfor -%}
        {%- do rules.code_outside_list.append('not ' ~ is_listed(c, listed)) -%}
    {%- endif -%}
    {%- if meta.get('accepted_seed') %}{% do rules.code_outside_list.append('(' ~ c ~ ' is not null and listed_' ~ column.name ~ '.code is null)') %}{% endif -%}
    {%- if meta.get('minimum') is not none %}{% do rules.negative_value.append(c ~ ' < ' ~ meta.minimum) %}{% endif -%}
    {%- if meta.get('not_before') %}{% do rules.ends_before_starts.append(c ~ ' < typed.' ~ meta.not_before) %}{% endif -%}
    {%- if meta.get('month_start') %}{% do rules.ends_before_starts.append(c ~ ' <> ' ~ month_start(c)) %}{% endif -%}
{%- endfor -%}
{%- if has_subscriber %}{% do rules.unknown_subscriber.append('(typed.subscriber_id is not null and known_subscribers.subscriber_id is null)') %}{% endif -%}
{%- if has_customer %}{% do rules.unknown_customer.append('(typed.customer_id is not null and known_customers.customer_id is null)') %}{% endif -%}
{%- if contract.event_at and has_subscriber -%}
    {%- do rules.event_before_activation.append('cast(typed.' ~ contract.event_at ~ ' as date) < ' ~ add_days('known_subscribers.activated_on', -1)) -%}
{%- endif -%}

with delivered as (

    select * from {{ source('raw', table_name) }}

),
{%- if has_subscriber %}
known_subscribers as (

    select subscriber_id, activated_on from {{ ref('stg_subscribers') }}

),
{% endif -%}
{% if has_customer %}
known_customers as (

    select customer_id from {{ ref('stg_customers') }}

),
{% endif -%}
{%- for column in contract.columns if column.meta.get('accepted_seed') %}
listed_{{ column.name }} as (

    select {{ column.meta.accepted_seed[1] }} as code from {{ ref(column.meta.accepted_seed[0]) }}

),
{% endfor %}
{% if contract.read_by_day %}
repeated_keys as (

    select key_hash from {{ ref('repeated_cdr_keys') }} where table_name = '{{ table_name }}'

),
{% endif %}
typed as (

    select
        {%- for column in contract.columns %}
        {{ typed_value(column) }} as {{ column.name }},
        {{ column.name }} as raw_{{ column.name }}{{ ',' if not loop.last or contract.read_by_day }}
        {%- endfor %}
        {%- if contract.read_by_day %}
        delivered_file,
        delivered_on
        {%- endif %}
    from delivered

),

ruled as (

    select
        typed.*,
        {%- if contract.read_by_day %}
        repeated_keys.key_hash is not null as is_repeated,
        {%- endif %}
        {%- for rule, conditions in rules.items() %}
        coalesce({{ conditions | join('\n            or ') if conditions else 'false' }}, false) as breaks_{{ rule }}{{ ',' if not loop.last }}
        {%- endfor %}
    from typed
    {%- if has_subscriber %}
    left join known_subscribers on typed.subscriber_id = known_subscribers.subscriber_id
    {%- endif %}
    {%- if has_customer %}
    left join known_customers on typed.customer_id = known_customers.customer_id
    {%- endif %}
    {%- if contract.read_by_day %}
    left join repeated_keys on {{ row_hash([cdr_key('typed.' ~ contract.key[0])]) }} = repeated_keys.key_hash
    {%- endif %}
    {%- for column in contract.columns if column.meta.get('accepted_seed') %}
    left join listed_{{ column.name }} on typed.{{ column.name }} = listed_{{ column.name }}.code
    {%- endfor %}

)

select
    {%- for column in contract.columns %}
    {{ column.name }},
    {%- endfor %}
    {%- if contract.read_by_day %}
    delivered_file,
    delivered_on,
    is_repeated,
    {%- endif %}
    {%- for rule in rules %}
    breaks_{{ rule }},
    {%- endfor %}
    not ({{ 'breaks_' ~ rules.keys() | join(' or breaks_') }}) as {{ 'is_accepted' if with_lines else 'is_sound' }}
    {%- if with_lines %},
    concat_ws('|'
        {%- for column in contract.key %}, coalesce({{ value_as_delivered('raw_' ~ column) }}, ''){% endfor -%}
    ) as row_key,
    {{ row_as_json(contract.columns) }} as row_json
    {%- endif %}
from ruled
{%- endmacro -%}

{#- A value in the type of its column, or null if it is not written as one: engines guess, and know words such as "infinity".
    The engine knows the delivered type of a column, so only text (and numbers of an inexact type) pays for the pattern. -#}
{%- macro typed_value(column) -%}
    {%- set value, type = column.name, column.type -%}
    {%- set plain = 'try_cast(' ~ value ~ ' as ' ~ engine_type(type) ~ ')' -%}
    {%- set delivered = 'lower(typeof(' ~ value ~ '))' -%}
    {%- set text = 'cast(' ~ value ~ ' as ' ~ engine_type('varchar') ~ ')' -%}
    {%- set number = 'try_cast(' ~ value ~ ' as double)' -%}
    {%- set is_whole = delivered ~ " in ('tinyint', 'smallint', 'integer', 'int', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint')" -%}
    {%- set is_text = delivered ~ " in ('varchar', 'string')" -%}
    {%- if type == 'varchar' -%}
        {{ plain }}
    {%- elif type in ['integer', 'bigint'] -%}
        case when {{ is_whole }}
            or ({{ delivered }} in ('double', 'float') and {{ number }} = {{ plain }})
            or {{ matches_pattern(text, ' *[+-]?[0-9]+([.]0*)? *') }}
            then {{ plain }} end
    {%- elif type == 'boolean' -%}
        case when {{ matches_pattern('lower(' ~ text ~ ')', ' *(true|false|1|0) *') }} then try_cast(trim({{ text }}) as boolean) end
    {%- elif type == 'date' -%}
        case when (not {{ is_text }} or {{ matches_pattern(text, ' *' ~ day_pattern() ~ '([ T]' ~ time_pattern() ~ ')? *') }})
            and {{ plain }} between cast('0001-01-01' as date) and cast('9999-12-31' as date)
            then {{ plain }} end
    {%- elif type == 'timestamp' -%}
        case when (not {{ is_text }} or {{ matches_pattern(text, ' *' ~ day_pattern() ~ '([ T]' ~ time_pattern() ~ ')? *') }})
            and {{ plain }} >= cast('0001-01-01' as timestamp) and {{ plain }} <= cast('9999-12-31 23:59:59.999999' as timestamp)
            then {{ plain }} end
    {%- else -%}
        {#- An amount with fractions of a fen is rounded, as by any cast to two decimals. -#}
        case when not {{ is_text }} or {{ matches_pattern(text, ' *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+) *') }} then {{ plain }} end
    {%- endif -%}
{%- endmacro -%}

{%- macro day_pattern() -%}{{ return('[0-9]{4}-[0-9]{2}-[0-9]{2}') }}{%- endmacro -%}

{%- macro time_pattern() -%}{{ return('([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?') }}{%- endmacro -%}

{#- The rule codes of the raw contract, in the order in which they are documented. -#}
{%- macro row_rules() -%}
    {{ return(['null_required', 'code_outside_list', 'not_castable', 'negative_value', 'ends_before_starts',
               'unknown_subscriber', 'unknown_customer', 'event_before_activation']) }}
{%- endmacro -%}
