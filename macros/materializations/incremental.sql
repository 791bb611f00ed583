{#- A kept table on DuckDB: its pre-hook deletes what is to be built anew, and the rows of this build are appended, all in one transaction. dbt-duckdb writes
    them into a temporary table first and copies them from there, which costs the time and the memory twice. A model with meta.built_in_parts is built some dates
    at a time (parts_of_build.sql). The columns are always those of the model: a table of older code is made anew (should_full_refresh). -#}
{%- materialization incremental, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_new = existing is none or not existing.is_table or should_full_refresh() -%}
    {%- set filled = make_intermediate_relation(target) if is_new else target -%}
    {%- set parts = parts_of_build() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if parts[0] %}{% do show_dates(parts[0]) %}{% endif -%}
    {%- if is_new -%}
        {%- call statement('main') -%}
            drop table if exists {{ filled }};
            {{ create_table_as(False, filled, compiled_code) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            insert into {{ filled }} by name {{ compiled_code }}
        {%- endcall -%}
    {%- endif -%}
    {%- if parts[0] %}{% do insert_parts(filled, parts[1:], compiled_code) %}{% endif -%}
    {%- if is_new -%}
        {%- do run_query(drop_statement(existing) ~ ' alter table ' ~ filled ~ ' rename to ' ~ adapter.quote(target.identifier)) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}
