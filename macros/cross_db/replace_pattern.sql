{# A text with everything that has the form of a regular expression replaced. DuckDB replaces the first only, unless it is told otherwise. #}
{%- macro replace_pattern(expression, pattern, replacement) -%}{{ return(adapter.dispatch('replace_pattern', 'churn_warning')(expression, pattern, replacement)) }}{%- endmacro -%}

{%- macro default__replace_pattern(expression, pattern, replacement) -%}regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g'){%- endmacro -%}

{%- macro spark__replace_pattern(expression, pattern, replacement) -%}regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}'){%- endmacro -%}
