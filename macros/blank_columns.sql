{#- The names of those columns of a row that hold nothing, neither null nor only spaces being something, as one text. -#}
{%- macro blank_columns(columns) -%}
concat(
            {%- for column in columns %}
            case when {{ column }} is null or trim(cast({{ column }} as {{ dbt.type_string() }})) = '' then '{{ column }} ' else '' end{{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro -%}
