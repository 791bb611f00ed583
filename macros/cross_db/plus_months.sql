{# date plus whole months, as a date. DuckDB: adding an interval gives a timestamp, hence the cast. Spark: add_months. #}
{%- macro plus_months(date_expression, months) -%}{{ return(adapter.dispatch('plus_months', 'churn_warning')(date_expression, months)) }}{%- endmacro -%}

{%- macro default__plus_months(date_expression, months) -%}cast({{ date_expression }} + to_months(cast({{ months }} as integer)) as date){%- endmacro -%}

{%- macro spark__plus_months(date_expression, months) -%}add_months({{ date_expression }}, cast({{ months }} as int)){%- endmacro -%}
