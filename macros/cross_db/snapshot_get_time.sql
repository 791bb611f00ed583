{# When a snapshot was taken, in UTC. dbt-duckdb would take the time of the machine's own zone; this macro stands in for that one. #}
{%- macro duckdb__snapshot_get_time() -%}cast({{ current_timestamp() }} at time zone 'UTC' as timestamp){%- endmacro -%}
