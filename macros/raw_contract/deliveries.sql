{#- The tables that are read by day (calls, messages, sessions). What was delivered is told from the names, sizes and times of the files: table
    raw.delivered_days says which days lie in which file. Only new and changed files are read to find their days. Compared with what the usage tables
    were last built from, this gives the days to build (model cdr_days_to_build) and the files to read for them (model cdr_files_to_read). -#}

{#- Whether everything is to be built anew: --full-refresh, of dbt or of churn-warning. -#}
{%- macro is_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or env_var('CHURN_WARNING_FULL_REFRESH', '') | lower in ['1', 'true', 'yes']) }}
{%- endmacro -%}

{#- Called by dbt. The tables that are built by day or by date are made anew when all days or dates are built anew, never because of the flag alone: built by
    itself, such a table would keep no more than what the last run built. -#}
{%- macro should_full_refresh() -%}
    {%- if execute and model.config.materialized == 'incremental' and ('built_by_day' in model.tags or 'built_by_date' in model.tags) -%}
        {%- set scope = relation_of('cdr_days_to_build' if 'built_by_day' in model.tags else 'int_dates_to_build') -%}
        {{ return(scope is none or run_query('select coalesce(bool_or(is_everything), false) from ' ~ scope).rows[0][0]) }}
    {%- endif -%}
    {%- set configured = config.get('full_refresh') -%}
    {{ return(flags.FULL_REFRESH if configured is none else configured) }}
{%- endmacro -%}

{#- The table of a model, if it has been built, else none. For what a model asks without being its successor. -#}
{%- macro relation_of(model_name) -%}
    {%- set node = graph.nodes.values() | selectattr('name', 'equalto', model_name) | first -%}
    {{ return(adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias)) }}
{%- endmacro -%}

{#- Deletes from a table that is built by day the days that are about to be built. -#}
{%- macro delete_days_to_build(date_column='usage_date') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ date_column }} in (select usage_date from {{ relation_of('cdr_days_to_build') }})
    {%- endif -%}
{%- endmacro -%}

{#- The same for rejected rows. Those without a readable day go with their file, if it is read again or is no longer there. -#}
{%- macro delete_rejects_to_build() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where delivered_on in (select usage_date from {{ relation_of('cdr_days_to_build') }})
        or (delivered_on is null and concat(table_name, '/', delivered_file) not in (
            select concat(table_name, '/', file_name) from raw.delivered_days
        ))
        or (delivered_on is null and concat(table_name, '/', delivered_file) in (
            select concat(table_name, '/', file_name) from {{ relation_of('cdr_files_to_read') }}
        ))
    {%- endif -%}
{%- endmacro -%}

{#- A hash of everything that turns calls into usage tables: the models and seeds tagged built_by_day, the macros and the raw contract. If it is another one
    than at the last build, all days are built anew. -#}
{%- macro usage_rules_hash() -%}{{ return(adapter.dispatch('usage_rules_hash', 'churn_warning')()) }}{%- endmacro -%}

{%- macro default__usage_rules_hash() -%}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set parts = [var('business_timezone')] -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') if 'built_by_day' in node.tags -%}
        {%- do parts.append(node.checksum.checksum) -%}
    {%- endfor -%}
    {%- for table_name in raw_table_names() -%}
        {%- set contract = contract_of(table_name) -%}
        {%- if contract.read_by_day %}{% do parts.append(tojson(contract)) %}{% endif -%}
    {%- endfor -%}
    {%- do parts.append(hash_of_macros()) -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro -%}

{%- macro hash_of_macros() -%}
    {%- set macro_files = "select md5(string_agg(md5(content), '' order by filename)) from read_text('" ~ quoted(project_folder()) ~ "/macros/**/*.sql')" -%}
    {{ return(run_query(macro_files).rows[0][0]) }}
{%- endmacro -%}

{#- What is known of earlier deliveries, and views on what the last build left; empty before the first run. -#}
{%- macro make_delivery_tables() -%}
    {%- do run_query('create schema if not exists raw') -%}
    {%- do run_query('create table if not exists raw.delivered_days (table_name varchar, file_name varchar, file_bytes bigint, modified_at timestamp,
        delivered_on date, delivered_rows bigint)') -%}
    {%- for view_name, model_name, columns in [
        ('earlier_batch', 'cdr_days_to_build', {'usage_date': 'date', 'batch_id': 'varchar'}),
        ('built_rejects', 'quarantined_cdr_rows', {'table_name': 'varchar', 'subscriber_id': 'varchar', 'delivered_on': 'date', 'row_key': 'varchar'}),
        ('built_usage_days', 'int_usage_subscriber_day', {'subscriber_id': 'varchar', 'usage_date': 'date'}),
        ('built_ties', 'int_cdr_tied_days', {'usage_date': 'date', 'version_on': 'date'}),
        ('built_subscribers', 'int_built_subscribers', {'subscriber_id': 'varchar', 'activated_on': 'date'}),
        ('built_deliveries', 'int_built_deliveries', {'table_name': 'varchar', 'file_name': 'varchar', 'file_bytes': 'bigint', 'modified_at': 'timestamp',
            'delivered_on': 'date', 'rules_hash': 'varchar', 'batch_id': 'varchar'}),
        ('built_facts', 'built_facts', {'scope_type': 'varchar', 'scope_key': 'varchar', 'holds_from': 'date', 'fact_hash': 'ubigint'}),
        ('built_dates', 'built_dates', {'as_of_date': 'date', 'is_weekly': 'boolean', 'is_daily': 'boolean', 'bands_hash': 'varchar', 'first_feed_date': 'date', 'rules_hash': 'varchar', 'batch_id': 'varchar'}),
        ('built_states', 'alert_states', {'as_of_date': 'date', 'subscriber_id': 'varchar', 'model_scope': 'varchar', 'weeks_in_alert': 'integer'}),
        ('earlier_dates', 'int_dates_to_build', {'as_of_date': 'date', 'is_whole': 'boolean', 'batch_id': 'varchar'}),
        ('earlier_lines', 'int_lines_to_build', {'subscriber_id': 'varchar', 'build_from': 'date'})
    ] -%}
        {#- Not adapter.get_relation: outside a build it would begin a transaction that nobody ends. -#}
        {%- set node = graph.nodes.values() | selectattr('name', 'equalto', model_name) | first -%}
        {%- set built = node.schema ~ '.' ~ node.alias if run_query("select 1 from duckdb_tables() where database_name = current_database() and schema_name = '"
            ~ node.schema ~ "' and table_name = '" ~ node.alias ~ "'").rows | length > 0 -%}
        {%- set expressions = [] -%}
        {%- for column, type in columns.items() -%}
            {%- do expressions.append(column if built else 'cast(null as ' ~ type ~ ') as ' ~ column) -%}
        {%- endfor -%}
        {%- do run_query('create or replace view raw.' ~ view_name ~ ' as select ' ~ expressions | join(', ') ~ (' from ' ~ built if built else ' where false')) -%}
    {%- endfor -%}
    {%- do run_query('create view if not exists raw.shown_days as select cast(null as date) as usage_date where false') -%}
    {%- for table_name in raw_table_names() -%}
        {%- set contract = contract_of(table_name) -%}
        {%- if contract.read_by_day -%}{%- do run_query(empty_raw_view(contract) | replace('create or replace view', 'create view if not exists')) -%}{%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{#- Adds the statements that write down the days of new and changed files of a table, or what is wrong with these files. -#}
{%- macro add_deliveries(contract, raw_dir, pattern, problems, statements) -%}
    {%- set name = contract.name -%}
    {%- set found = run_query("
        select
            substr(found.filename, " ~ (raw_dir | length + 2) ~ ") as file_name,
            found.size as file_bytes,
            epoch_us(found.last_modified) as modified_us,
            known.file_name is not null as is_known
        from read_blob('" ~ quoted(glob_text(raw_dir) ~ '/' ~ pattern) ~ "') as found
        left join (select distinct file_name, file_bytes, modified_at from raw.delivered_days where table_name = '" ~ name ~ "'
            and not " ~ is_full_refresh() ~ ") as known
            on substr(found.filename, " ~ (raw_dir | length + 2) ~ ") = known.file_name
            and found.size = known.file_bytes
            and make_timestamp(epoch_us(found.last_modified)) = known.modified_at
        order by file_name
    ").rows -%}
    {%- set kept, changed, facts = [], [], [] -%}
    {%- for file in found -%}
        {%- if file[3] -%}{%- do kept.append("'" ~ quoted(file[0]) ~ "'") -%}
        {%- else -%}
            {%- do changed.append(glob_text(file[0])) -%}
            {%- do facts.append("('" ~ quoted(file[0]) ~ "', " ~ file[1] ~ ', make_timestamp(' ~ file[2] ~ '))') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do statements.append("delete from raw.delivered_days where table_name = '" ~ name ~ "'" ~ (' and file_name not in (' ~ kept | join(', ') ~ ')' if kept else '')) -%}
    {%- set rows = run_query("select coalesce(sum(delivered_rows), 0) from raw.delivered_days where table_name = '" ~ name ~ "'"
        ~ (' and file_name in (' ~ kept | join(', ') ~ ')' if kept else ' and false')).rows[0][0] -%}
    {%- if changed -%}
        {%- set delivery = delivered_table(contract, raw_dir, pattern, changed, changed[0], problems) -%}
        {%- set new_rows = add_column_problems(contract, delivery, problems, is_whole=not kept) -%}
        {%- if new_rows is not none -%}
            {%- set rows = rows + new_rows -%}
            {%- set counted = days_of_files(contract, delivery, raw_dir, problems) -%}
            {%- set days = [] -%}
            {%- for file_name, day, day_rows in counted -%}
                {%- do days.append("('" ~ quoted(file_name) ~ "', " ~ ("date '" ~ day ~ "'" if day else 'null') ~ ', ' ~ day_rows ~ ')') -%}
            {%- endfor -%}
            {%- do statements.append("
                insert into raw.delivered_days
                with files (file_name, file_bytes, modified_at) as (values " ~ facts | join(', ') ~ "),
                counted (file_name, delivered_on, delivered_rows) as (values " ~ (days or ["('', null, 0)"]) | join(', ') ~ ")
                select '" ~ name ~ "', files.file_name, files.file_bytes, files.modified_at, cast(counted.delivered_on as date), coalesce(counted.delivered_rows, 0)
                from files left join counted on files.file_name = counted.file_name") -%}
        {%- endif -%}
    {%- endif -%}
    {%- if rows == 0 and not (changed and new_rows is none) -%}
        {%- do problems.append(empty_feed_problem(contract)) -%}
    {%- endif -%}
{%- endmacro -%}

{#- How many rows of which day lie in which file. A Parquet file says of each column between which values it lies: a file of one day, as most are, is not
    read for that. -#}
{%- macro days_of_files(contract, delivery, raw_dir, problems) -%}
    {%- set counted, to_read = [], [] -%}
    {%- set file_name = 'substr({}, ' ~ (raw_dir | length + 2) ~ ')' -%}
    {%- if delivery.reader.startswith('read_parquet') and type_fit('timestamp', delivery.found[contract.event_at]) == 'direct' -%}
        {%- set first_day = 'cast(min(try_cast(stats_min_value as timestamp)) as date)' -%}
        {%- set last_day = 'cast(max(try_cast(stats_max_value as timestamp)) as date)' -%}
        {%- do counted.extend(asked_of_files(contract, delivery, 'select ' ~ file_name.replace('{}', 'file_name') ~ ', cast(' ~ first_day ~ ' as varchar), sum(row_group_num_rows)
            from parquet_metadata({files}) where lower(path_in_schema) = \'' ~ contract.event_at ~ "' group by file_name
            having bool_and(coalesce(stats_null_count = 0 and try_cast(stats_min_value as timestamp) is not null and try_cast(stats_max_value as timestamp) is not null, false))
                and " ~ first_day ~ ' = ' ~ last_day ~ ' and ' ~ first_day ~ " between date '0001-01-01' and date '9999-12-31' order by all", problems) or []) -%}
    {%- endif -%}
    {%- set known = [] -%}
    {%- for file in counted %}{% do known.append(glob_text(file[0])) %}{% endfor -%}
    {%- do to_read.extend(delivery.patterns | reject('in', known)) -%}
    {%- if to_read -%}
        {%- do counted.extend(asked_of_files(contract, dict(delivery, patterns=to_read), 'select ' ~ file_name.replace('{}', 'delivered_file') ~ ', cast('
            ~ day_of_event(contract, delivery.found) ~ ' as varchar) as delivered_on, count(*) from ' ~ delivery.reader ~ ' group by all order by all', problems) or []) -%}
    {%- endif -%}
    {{ return(counted) }}
{%- endmacro -%}

{%- macro forget_deliveries(contract, statements) -%}
    {%- do statements.append("delete from raw.delivered_days where table_name = '" ~ contract.name ~ "'") -%}
{%- endmacro -%}

{#- The day that a delivered row belongs to; null if it cannot be read. -#}
{%- macro day_of_event(contract, found) -%}
    {%- set column = contract.columns | selectattr('name', 'equalto', contract.event_at) | first -%}
    {{ return('cast(' ~ typed_value({'name': raw_column_expression(column, found[column.name]), 'type': 'timestamp'}) ~ ' as date)') }}
{%- endmacro -%}

{#- Points the views on the tables that are read by day at the files that hold the days to build: raw.delivered_<table> for good, raw.<table> until a model that
    is built in parts narrows it to some of these days. -#}
{%- macro point_raw_views_at_days(files, days) -%}{{ return(adapter.dispatch('point_raw_views_at_days', 'churn_warning')(files, days)) }}{%- endmacro -%}

{%- macro default__point_raw_views_at_days(files, days) -%}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set raw_dir = raw_folder() -%}
    {%- for table_name in tables_read_by_day() -%}
        {%- set contract = contract_of(table_name) -%}
        {%- set to_read = run_query('select file_name from ' ~ files ~ " where table_name = '" ~ table_name ~ "' order by file_name").columns[0].values() | list -%}
        {%- if to_read -%}
            {%- set problems, patterns = [], [] -%}
            {%- for file in to_read %}{% do patterns.append(glob_text(file)) %}{% endfor -%}
            {%- set form = table_name ~ to_read[0][to_read[0].rfind('.'):] if to_read == [table_name ~ to_read[0][to_read[0].rfind('.'):]] else table_name ~ '/**/*' ~ to_read[0][to_read[0].rfind('.'):] -%}
            {%- set delivery = delivered_table(contract, raw_dir, form, patterns, to_read[0], problems) -%}
            {%- if problems %}{{ raw_contract_error(problems) }}{% endif -%}
            {%- set day = day_of_event(contract, delivery.found) -%}
            {%- set expressions = raw_column_expressions(contract, delivery.found) + ['substr(delivered_file, ' ~ (raw_dir | length + 2) ~ ') as delivered_file', day ~ ' as delivered_on'] -%}
            {%- do run_query('create or replace view raw.delivered_' ~ table_name ~ ' as select ' ~ expressions | join(', ') ~ ' from ' ~ delivery.relation) -%}
        {%- else -%}
            {%- do run_query(empty_raw_view(contract) | replace('raw.' ~ table_name, 'raw.delivered_' ~ table_name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do show_all_days(files, days) -%}
{%- endmacro -%}

{#- Has the views show all days to build, and the rows without a readable day. -#}
{%- macro show_all_days(files, days) -%}
    {%- set statements = ['create or replace view raw.shown_days as select usage_date from ' ~ days] -%}
    {%- for table_name in tables_read_by_day() -%}
        {%- set read_files = 'select file_name from ' ~ files ~ " where table_name = '" ~ table_name ~ "'" -%}
        {%- set shown_days = 'select usage_date from ' ~ days -%}
        {%- do statements.append('create or replace view raw.' ~ table_name ~ ' as select * from raw.delivered_' ~ table_name
            ~ (' where delivered_on is null or delivered_on in (' ~ shown_days ~ ')' if has_other_days(table_name, read_files, shown_days, 'delivered_on is not null') else '')) -%}
    {%- endfor -%}
    {%- do run_query(statements | join(';\n')) -%}
{%- endmacro -%}

{#- Has the views show the days of one part, from the files that hold them: files that are named by constants are left out before anything is read. -#}
{%- macro show_part(days, part_number) -%}
    {%- set part_days = run_query('select usage_date from ' ~ days ~ ' where part_number = ' ~ part_number ~ ' order by usage_date').columns[0].values() | list -%}
    {%- set listed_days = "date '" ~ part_days | join("', date '") ~ "'" -%}
    {%- set statements = ['create or replace view raw.shown_days as select usage_date from ' ~ days ~ ' where part_number = ' ~ part_number] -%}
    {%- for table_name in tables_read_by_day() -%}
        {%- set listed_files = [] -%}
        {%- for file in run_query("select distinct file_name from raw.delivered_days where table_name = '" ~ table_name ~ "' and delivered_on in (" ~ listed_days ~ ') order by file_name').columns[0].values() -%}
            {%- do listed_files.append("'" ~ quoted(file) ~ "'") -%}
        {%- endfor -%}
        {%- set read_files = (listed_files or ['null']) | join(', ') -%}
        {%- do statements.append('create or replace view raw.' ~ table_name ~ ' as select * from raw.delivered_' ~ table_name ~ ' where delivered_file in (' ~ read_files ~ ')'
            ~ (' and delivered_on in (' ~ listed_days ~ ')' if has_other_days(table_name, read_files, listed_days) else '')) -%}
    {%- endfor -%}
    {%- do run_query(statements | join(';\n')) -%}
{%- endmacro -%}

{#- Whether files hold rows of other days than those that are shown. Most hold one day only, and looking at the day of each row takes a third as long as all else
    that is done to find keys that lie in more than one row. -#}
{%- macro has_other_days(table_name, read_files, shown_days, condition='true') -%}
    {{ return(run_query("select count(*) from raw.delivered_days where table_name = '" ~ table_name ~ "' and delivered_rows > 0 and file_name in (" ~ read_files
        ~ ') and ' ~ condition ~ ' and coalesce(delivered_on not in (' ~ shown_days ~ '), true)').rows[0][0] > 0) }}
{%- endmacro -%}
