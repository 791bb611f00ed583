{#- A seed on DuckDB, loaded anew in one transaction; see table.sql. Always a new table: dbt would keep the old one's columns and types. -#}
{%- materialization seed, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set rows = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=rows) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ drop_statement(load_cached_relation(this)) }}
        create table {{ target }} (
            {%- for column in rows.column_names %}
            {{ adapter.quote_seed_column(column, none) }} {{ config.get('column_types', {}).get(column, adapter.convert_type(rows, loop.index0)) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endcall -%}
    {%- do load_csv_rows(model, rows) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}
