{#- A table on DuckDB like any other (table.sql), but filled part by part, some days of calls, messages and sessions at a time: to add up all of a week, or of a
    year that is built anew, takes memory that nobody has. The parts are those of model cdr_days_to_build. -#}
{%- materialization table_in_parts, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set new = make_intermediate_relation(target) -%}
    {%- set days = relation_of('cdr_days_to_build') -%}
    {%- set parts = run_query('select distinct part_number from ' ~ days ~ ' order by part_number').columns[0].values() | list -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if parts | length > 1 %}{% do show_part(days, parts[0]) %}{% endif -%}
    {%- call statement('main') -%}
        drop table if exists {{ new }};
        {{ create_table_as(False, new, compiled_code) }}
    {%- endcall -%}
    {%- for part_number in parts[1:] -%}
        {%- do show_part(days, part_number) -%}
        {%- do run_query('insert into ' ~ new ~ ' ' ~ compiled_code) -%}
    {%- endfor -%}
    {%- if parts | length > 1 %}{% do show_all_days(relation_of('cdr_files_to_read'), days) %}{% endif -%}
    {%- do run_query(drop_statement(load_cached_relation(this)) ~ ' alter table ' ~ new ~ ' rename to ' ~ adapter.quote(target.identifier)) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}
