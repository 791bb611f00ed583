{# The delivered values of a row as JSON text, as far as quarantined_text shows them. DuckDB: json_object. Spark: to_json of a struct. #}
{%- macro row_as_json(columns) -%}{{ return(adapter.dispatch('row_as_json', 'churn_warning')(columns)) }}{%- endmacro -%}

{%- macro default__row_as_json(columns) -%}
cast(json_object(
        {%- for column in columns %}
        '{{ column.name }}', {{ quarantined_text(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro -%}

{%- macro spark__row_as_json(columns) -%}
to_json(named_struct(
        {%- for column in columns %}
        '{{ column.name }}', {{ quarantined_text(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro -%}
