{# The key of the keyed hashes, from the session. DuckDB: a variable that churn_warning.dbt_plugin sets. Spark: a session variable of the same name. #}
{%- macro hash_key() -%}{{ return(adapter.dispatch('hash_key', 'churn_warning')()) }}{%- endmacro -%}

{%- macro default__hash_key() -%}getvariable('hash_key'){%- endmacro -%}

{%- macro spark__hash_key() -%}session.hash_key{%- endmacro -%}
