{# The type of a contract column on this engine: Spark knows no bare varchar. #}
{%- macro engine_type(type_name) -%}{{ return(adapter.dispatch('engine_type', 'churn_warning')(type_name)) }}{%- endmacro -%}

{%- macro default__engine_type(type_name) -%}{{ type_name }}{%- endmacro -%}

{%- macro spark__engine_type(type_name) -%}{{ 'string' if type_name == 'varchar' else type_name }}{%- endmacro -%}
