{# Whether a row is of the dates that are being built, of a model that is built in parts (materializations/incremental.sql); else always. DuckDB:
    variables of the session. Spark: builds all at once. #}
{%- macro is_in_part(as_of_date) -%}{{ return(adapter.dispatch('is_in_part', 'churn_warning')(as_of_date)) }}{%- endmacro -%}

{%- macro default__is_in_part(as_of_date) -%}(getvariable('first_date_of_part') is null or {{ as_of_date }} between getvariable('first_date_of_part') and getvariable('last_date_of_part')){%- endmacro -%}

{%- macro spark__is_in_part(as_of_date) -%}true{%- endmacro -%}
