{# The delivered values of a row as JSON text, personal data starred out. DuckDB: json_object. Spark: to_json of a struct. #}
{%- macro row_as_json(columns) -%}{{ return(adapter.dispatch('row_as_json', 'churn_warning')(columns)) }}{%- endmacro -%}

{%- macro json_value(column) -%}
    {%- if column.meta.get('pii') -%}case when raw_{{ column.name }} is not null then '***' end
    {%- else -%}cast(raw_{{ column.name }} as {{ engine_type('varchar') }})
    {%- endif -%}
{%- endmacro -%}

{%- macro default__row_as_json(columns) -%}
cast(json_object(
        {%- for column in columns %}
        '{{ column.name }}', {{ json_value(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro -%}

{%- macro spark__row_as_json(columns) -%}
to_json(named_struct(
        {%- for column in columns %}
        '{{ column.name }}', {{ json_value(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro -%}
