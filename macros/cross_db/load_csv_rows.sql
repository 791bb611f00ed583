{# Loads a seed. dbt-duckdb lets the engine guess the dialect of the CSV, which fails where an editor mixed line ends or quoted one field late; a seed is
   always comma-separated with double quotes, so say so. Called by dbt's own seed materialization on DuckDB. #}
{%- macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, delimiter ',', quote '"', escape '"', nullstr '', strict_mode false)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro -%}
