{#- The names of those columns of a row that hold nothing, neither null nor only spaces being something, as one text. -#}
{%- macro blank_columns(columns) -%}
concat(
            {%- for column in columns %}
            case when {{ column }} is null or trim(cast({{ column }} as {{ dbt.type_string() }})) = '' then '{{ column }} ' else '' end{{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro -%}

{#- Whether a column of a table holds nothing, neither null nor only spaces being something. Where the table's YAML says that it is a text, the engine can tell
    from the smallest one that none is blank: what begins with a space sorts before `!`. -#}
{%- macro is_blank(column, relation) -%}
    {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier, {}) if execute else {} -%}
    {%- set data_type = node.get('columns', {}).get(column, {}).get('data_type') -%}
    {%- if data_type == 'varchar' -%}
        ({{ column }} is null or ({{ column }} < '!' and trim({{ column }}) = ''))
    {%- elif data_type -%}
        {{ column }} is null
    {%- else -%}
        ({{ column }} is null or trim(cast({{ column }} as {{ dbt.type_string() }})) = '')
    {%- endif -%}
{%- endmacro -%}
