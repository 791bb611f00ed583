{# Whether a row is of the dates that are being built, of a model that is built in parts (materializations/parts_of_build.sql), or lies up to so many days before
    the first of them; else always. DuckDB: variables of the session. Spark: builds all at once. #}
{%- macro is_in_part(date_column, days_before=0) -%}{{ return(adapter.dispatch('is_in_part', 'churn_warning')(date_column, days_before)) }}{%- endmacro -%}

{%- macro default__is_in_part(date_column, days_before) -%}
(getvariable('first_date_of_part') is null or {{ date_column }} between cast(getvariable('first_date_of_part') as date) {{- ' - ' ~ days_before if days_before }} and getvariable('last_date_of_part'))
{%- endmacro -%}

{%- macro spark__is_in_part(date_column, days_before) -%}true{%- endmacro -%}
