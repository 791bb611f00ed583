{# Whether a value is one of a list of constants; null if it is null. DuckDB: list_contains, asked once per different value where the file holds a dictionary of them;
   six values or more after "in" would become a join. Spark: in. #}
{%- macro is_listed(expression, constants) -%}{{ return(adapter.dispatch('is_listed', 'churn_warning')(expression, constants)) }}{%- endmacro -%}

{%- macro default__is_listed(expression, constants) -%}list_contains([{{ constants | join(', ') }}], {{ expression }}){%- endmacro -%}

{%- macro spark__is_listed(expression, constants) -%}{{ expression }} in ({{ constants | join(', ') }}){%- endmacro -%}
