{# Whole days from one date to a later one (negative if it is earlier). DuckDB: date minus date is a number. Spark: it is an interval, so datediff. #}
{%- macro days_between(earlier, later) -%}{{ return(adapter.dispatch('days_between', 'churn_warning')(earlier, later)) }}{%- endmacro -%}

{%- macro default__days_between(earlier, later) -%}({{ later }} - {{ earlier }}){%- endmacro -%}

{%- macro spark__days_between(earlier, later) -%}datediff({{ later }}, {{ earlier }}){%- endmacro -%}
