{# How many different values there are in the rows of a group that meet a condition, nulls not counted. DuckDB: of the values as a list, since a distinct count beside
   other aggregates costs twice as much. Spark: count(distinct). #}
{%- macro count_of_distinct(expression, condition) -%}{{ return(adapter.dispatch('count_of_distinct', 'churn_warning')(expression, condition)) }}{%- endmacro -%}

{%- macro default__count_of_distinct(expression, condition) -%}coalesce(list_unique(list({{ expression }}) filter (where {{ condition }})), 0){%- endmacro -%}

{%- macro spark__count_of_distinct(expression, condition) -%}count(distinct {{ expression }}) filter (where {{ condition }}){%- endmacro -%}
