{#- A table on DuckDB, made anew in one transaction and one round trip: a build that is broken off leaves the old one as it was. The old one is dropped when
    the new one is there, because a model may read what it held (raw.built_...). dbt-duckdb does the same in ten statements of their own, each with a look at
    what is there, which costs more than the small tables themselves. What these serve is not used here: indexes, foreign keys, grants. A model with
    meta.built_in_parts is filled some dates at a time (parts_of_build.sql). -#}
{%- materialization table, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set new = make_intermediate_relation(target) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set parts = parts_of_build() -%}
    {%- set put_in_place = drop_statement(load_cached_relation(this)) ~ ' alter table ' ~ new ~ ' rename to ' ~ adapter.quote(target.identifier) -%}
    {%- if parts[0] %}{% do show_dates(parts[0]) %}{% endif -%}
    {%- call statement('main') -%}
        drop table if exists {{ new }};
        {{ create_table_as(False, new, compiled_code) }}
        {{ '; ' ~ put_in_place if not parts[0] }}
    {%- endcall -%}
    {%- if parts[0] -%}
        {%- do insert_parts(new, parts[1:], compiled_code) -%}
        {%- do run_query(put_in_place) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}
