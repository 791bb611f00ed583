{# date plus whole days, as a date. DuckDB: date + integer (date + interval would be a timestamp). Spark: date_add. #}
{%- macro add_days(date_expression, days) -%}{{ return(adapter.dispatch('add_days', 'churn_warning')(date_expression, days)) }}{%- endmacro -%}

{%- macro default__add_days(date_expression, days) -%}({{ date_expression }} + cast({{ days }} as integer)){%- endmacro -%}

{%- macro spark__add_days(date_expression, days) -%}date_add({{ date_expression }}, cast({{ days }} as int)){%- endmacro -%}
