{# One row per value of a list, in a select list. DuckDB: unnest. Spark: explode. #}
{%- macro unnested(list) -%}{{ return(adapter.dispatch('unnested', 'churn_warning')(list)) }}{%- endmacro -%}

{%- macro default__unnested(list) -%}unnest({{ list }}){%- endmacro -%}

{%- macro spark__unnested(list) -%}explode({{ list }}){%- endmacro -%}
