{# A number that stands for the values of several columns, to tell changed rows by. DuckDB: hash. Spark: xxhash64. #}
{%- macro row_hash(expressions) -%}{{ return(adapter.dispatch('row_hash', 'churn_warning')(expressions)) }}{%- endmacro -%}

{%- macro default__row_hash(expressions) -%}hash({{ expressions | join(', ') }}){%- endmacro -%}

{%- macro spark__row_hash(expressions) -%}xxhash64({{ expressions | join(', ') }}){%- endmacro -%}
