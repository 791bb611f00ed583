{#- A kept table on DuckDB: its pre-hook deletes what is to be built anew, and the rows of this build are appended, all in one transaction. dbt-duckdb writes
    them into a temporary table first and copies them from there, which costs the time and the memory twice. A model with meta.built_in_parts is
    built some dates at a time, because a million lines at seven dates take memory that nobody has; is_in_part() limits what it reads. Its columns always are
    those of the model: a table of older code is made anew (should_full_refresh). -#}
{%- materialization incremental, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_new = existing is none or not existing.is_table or should_full_refresh() -%}
    {%- set filled = make_intermediate_relation(target) if is_new else target -%}
    {%- set parts = parts_of_build() if config.get('meta', {}).get('built_in_parts') else [none] -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do show_dates(parts[0]) -%}
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
    {%- for part in parts[1:] -%}
        {%- do show_dates(part) -%}
        {%- do run_query('insert into ' ~ filled ~ ' by name ' ~ compiled_code) -%}
    {%- endfor -%}
    {%- do show_dates(none) -%}
    {%- if is_new -%}
        {%- do run_query(drop_statement(existing) ~ ' alter table ' ~ filled ~ ' rename to ' ~ adapter.quote(target.identifier)) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization -%}

{#- The dates of this build as pairs (first, last), the oldest first; one none, which means all, if there are none. -#}
{%- macro parts_of_build() -%}
    {%- set lines = run_query('select count(*) from ' ~ relation_of('stg_subscribers')).rows[0][0] -%}
    {%- set dates = run_query('select as_of_date from ' ~ relation_of('int_dates_to_build') ~ ' order by as_of_date').columns[0].values() -%}
    {%- set parts = [] -%}
    {%- for part in dates | batch([var('observations_per_part') // [lines, 1] | max, 1] | max) %}{% do parts.append((part[0], part[-1])) %}{% endfor -%}
    {{ return(parts or [none]) }}
{%- endmacro -%}

{#- Limits what is_in_part() lets through to the dates of a part, or to none; it holds for the connection, which dbt opens anew for each model. -#}
{%- macro show_dates(part) -%}
    {%- for name, as_of_date in [('first_date_of_part', part[0]), ('last_date_of_part', part[1])] if part %}
        {%- do run_query("set variable " ~ name ~ " = date '" ~ as_of_date ~ "'") -%}
    {%- else %}
        {%- do run_query('reset variable first_date_of_part; reset variable last_date_of_part') -%}
    {%- endfor %}
{%- endmacro -%}
