{#- The accepted rows of one raw table, one per key: the newest updated_at wins, then (and in tables without it) the greatest row in
    contract column order, nulls lowest. delivered_rows says how many delivered rows the one that stays stands for. -#}
{%- macro newest_version(table_name) -%}
{%- set contract = contract_of(table_name) -%}
{%- set names = contract.columns | map(attribute='name') | list -%}
{%- set order_columns = (['updated_at'] if 'updated_at' in names else []) + (names | reject('equalto', 'updated_at') | list) -%}
{%- set by_key = 'partition by ' ~ contract.key | join(', ') -%}
    select
        *,
        row_number() over (
            {{ by_key }}
            order by {% for name in order_columns %}{{ name }} desc nulls last{{ ', ' if not loop.last }}{% endfor %}
        ) as version_rank,
        count(*) over ({{ by_key }}) as delivered_rows
    from {{ ref('chk_' ~ table_name) }}
    where is_accepted
{%- endmacro -%}

{#- The same for the rows of a table that is read by day which model cdr_rows_set_aside sets aside, in its CTE of that name: the rank of each among the versions
    of its record, accepted ones first. first_version_on and last_version_on say on which days they lie, rejected versions (which a line that becomes known
    may bring back) included. -#}
{%- macro cdr_versions(table_name) -%}
{%- set contract = contract_of(table_name) -%}
{%- set by_key = 'partition by ' ~ contract.key | join(', ') -%}
    select
        *,
        row_number() over (
            {{ by_key }}
            order by is_accepted desc, {% for column in contract.columns %}{{ column.name }} desc nulls last{{ ', ' if not loop.last }}{% endfor %}
        ) as version_rank,
        count(*) filter (where is_accepted) over ({{ by_key }}) as delivered_rows,
        min(delivered_on) over ({{ by_key }}) as first_version_on,
        max(delivered_on) over ({{ by_key }}) as last_version_on
    from {{ table_name }}
{%- endmacro -%}

{#- The key of a record as text, whatever type it was delivered in. -#}
{%- macro cdr_key(expression) -%}cast({{ expression }} as {{ engine_type('varchar') }}){%- endmacro -%}

{#- Whether a feed is provided, as a scalar: one that seed feed_expectations does not name is. -#}
{%- macro feed_is_provided(table_name) -%}
    (select coalesce(bool_and(is_provided), true) from {{ ref('feed_expectations') }} where table_name = '{{ table_name }}')
{%- endmacro -%}

{#- A code that its table does not know is read as null; if that table is declared absent, the code stays as delivered. -#}
{%- macro known_code(delivered, known, table_name) -%}
    case when {{ known }} is not null or not {{ feed_is_provided(table_name) }} then {{ delivered }} end
{%- endmacro -%}
