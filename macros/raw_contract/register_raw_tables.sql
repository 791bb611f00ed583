{#- Runs before anything is built. Finds each raw table of the contract, checks that it can be read, has its columns and holds rows, and makes a
    view raw.<table> over it with the contract's columns. Everything that is wrong is listed in one error.
    Of the tables that are read by day only the files that are new or changed are looked at; see deliveries.sql. -#}
{%- macro register_raw_tables() -%}
    {%- if execute and env_var('CHURN_WARNING_RAW_IS_REGISTERED', '') == '' -%}
        {{ return(adapter.dispatch('register_raw_tables', 'churn_warning')()) }}
    {%- endif -%}
{%- endmacro -%}

{#- A warehouse holds the tables in its schema already. -#}
{%- macro default__register_raw_tables() -%}{%- endmacro -%}

{%- macro duckdb__register_raw_tables() -%}
    {%- set raw_dir = raw_folder() -%}
    {%- set problems, statements = [], [] -%}
    {%- set declared_absent = feeds_declared_absent() -%}
    {%- do make_delivery_tables() -%}
    {%- if raw_files(raw_dir, '**').rows | length == 0 -%}
        {{ raw_contract_error(['there are no files in ' ~ raw_dir ~ '; set CHURN_WARNING_RAW_DIR (or --raw-dir) to the folder of your raw tables, or make demo data with churn-warning generate-demo']) }}
    {%- endif -%}
    {%- if run_query('select ' ~ hash_key() ~ ' is null').rows[0][0] -%}
        {{ exceptions.raise_compiler_error('Hash key: ' ~ raw_dir ~ ' is not generated demo data, so personal data has to be hashed with a key of your own: set CHURN_WARNING_HASH_KEY to a secret of at least 16 characters') }}
    {%- endif -%}
    {%- set forms = raw_forms(raw_dir) -%}
    {%- for table_name in raw_table_names() -%}
        {%- set contract = contract_of(table_name) -%}
        {%- if table_name in declared_absent and contract.always_required -%}
            {%- do problems.append(table_name ~ ': seed feed_expectations says that it is not provided, but nothing works without it; provide it and set is_provided to true') -%}
        {%- elif table_name in declared_absent -%}
            {%- do statements.append(empty_raw_view(contract)) -%}
            {%- if contract.read_by_day %}{% do forget_deliveries(contract, statements) %}{% endif -%}
        {%- else -%}
            {%- do add_raw_view(contract, raw_dir, forms[table_name], problems, statements) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}{{ raw_contract_error(problems) }}{%- endif -%}
    {%- do run_query(statements | join(';\n')) -%}
    {%- do check_as_of_date() -%}
{%- endmacro -%}

{%- macro raw_contract_error(problems) -%}
    {{ exceptions.raise_compiler_error('Raw contract:\n- ' ~ problems | join('\n- ')) }}
{%- endmacro -%}

{#- The folder of the raw tables; a relative one lies in the project's folder. -#}
{%- macro raw_folder() -%}
    {%- set path = env_var('CHURN_WARNING_RAW_DIR', '') or 'data/raw' -%}
    {{ return((path if path.startswith('/') or path[1:2] == ':' else project_folder() ~ '/' ~ path).rstrip('/')) }}
{%- endmacro -%}

{%- macro project_folder() -%}
    {{ return((graph.nodes.values() | selectattr('name', 'equalto', 'feed_expectations') | first).root_path) }}
{%- endmacro -%}

{#- A seed as a relation. Read from the file and not from its table, since this runs before the seeds are loaded. -#}
{%- macro seed_file(seed_name) -%}
    {%- set seed = (graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | selectattr('name', 'equalto', seed_name) | list)[0] -%}
    {{ return("read_csv('" ~ quoted(seed.root_path ~ '/' ~ seed.original_file_path) ~ "', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"')") }}
{%- endmacro -%}

{%- macro feeds_declared_absent() -%}
    {%- set rows = run_query('select table_name from ' ~ seed_file('feed_expectations') ~ " where lower(trim(is_provided)) in ('false', 'f', '0', 'no')") -%}
    {{ return(rows.columns[0].values() | list) }}
{%- endmacro -%}

{%- macro quoted(text) -%}{{ return(text | replace("'", "''")) }}{%- endmacro -%}

{#- The pattern that means exactly this path. -#}
{%- macro glob_text(path) -%}{{ return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) }}{%- endmacro -%}

{%- macro raw_files(raw_dir, pattern) -%}
    {{ return(run_query("select file from glob('" ~ quoted(glob_text(raw_dir)) ~ '/' ~ pattern ~ "') order by file")) }}
{%- endmacro -%}

{#- In which forms each table lies in the raw folder, as {table: [[pattern, first file], ...]}. One query for all: there are four patterns for each of them. -#}
{%- macro raw_forms(raw_dir) -%}
    {%- set forms, queries = {}, [] -%}
    {%- for name in raw_table_names() -%}
        {%- do forms.update({name: []}) -%}
        {%- for pattern in [name ~ '.parquet', name ~ '/**/*.parquet', name ~ '.csv', name ~ '/**/*.csv'] -%}
            {%- do queries.append('select ' ~ loop.index ~ " as place, '" ~ name ~ "' as table_name, '" ~ pattern ~ "' as pattern, min(file) as first_file from glob('"
                ~ quoted(glob_text(raw_dir)) ~ '/' ~ pattern ~ "') having count(*) > 0") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for _, name, pattern, first_file in run_query(queries | join(' union all ') ~ ' order by table_name, place').rows -%}
        {%- do forms[name].append([pattern, first_file]) -%}
    {%- endfor -%}
    {{ return(forms) }}
{%- endmacro -%}

{#- Adds the statement that makes the view of one table, or the reasons why there can be none. -#}
{%- macro add_raw_view(contract, raw_dir, forms, problems, statements) -%}
    {%- set name = contract.name -%}
    {%- if forms | length == 0 -%}
        {%- do problems.append(name ~ ': the table is missing; looked for ' ~ name ~ '.parquet, ' ~ name ~ '/**/*.parquet, ' ~ name ~ '.csv and ' ~ name ~ '/**/*.csv in ' ~ raw_dir
            ~ ('' if contract.always_required else '; if you do not have this feed, set is_provided to false for it in seed feed_expectations')) -%}
    {%- elif forms | length > 1 -%}
        {%- do problems.append(name ~ ': found in more than one form (' ~ forms | map('first') | join(', ') ~ ') in ' ~ raw_dir ~ '; leave only one') -%}
    {%- elif contract.read_by_day -%}
        {%- do add_deliveries(contract, raw_dir, forms[0][0], problems, statements) -%}
    {%- else -%}
        {%- set problems_before = problems | length -%}
        {%- set delivery = delivered_table(contract, raw_dir, forms[0][0], [forms[0][0]], forms[0][1], problems) -%}
        {%- if add_column_problems(contract, delivery, problems) == 0 -%}
            {%- do problems.append(empty_feed_problem(contract)) -%}
        {%- endif -%}
        {%- if problems | length == problems_before -%}
            {%- do statements.append('create or replace view raw.' ~ name ~ ' as select ' ~ raw_column_expressions(contract, delivery.found) | join(', ') ~ ' from ' ~ delivery.relation) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro empty_feed_problem(contract) -%}
    {{ return(contract.name ~ ': the feed is empty: there is not one row in it'
        ~ ('' if contract.always_required else '; if you do not have this feed, set is_provided to false for it in seed feed_expectations')) }}
{%- endmacro -%}

{#- What reads some files of a table, and the columns and types that it finds there; none, and the problems, if they cannot be read. Spark leaves out of the
    files the columns that it partitions by; their values stand in the folders' names, which are asked only where the files lack a column.
    form: where all files of the table lie; patterns: those to read, below the raw folder. -#}
{%- macro delivered_table(contract, raw_dir, form, patterns, first_file, problems) -%}
    {%- set names = contract.columns | map(attribute='name') | list -%}
    {%- set found_problems = fromjson(run_query("select problems_of_files('" ~ quoted(raw_dir) ~ "', '" ~ form ~ "', '" ~ quoted(tojson(patterns)) ~ "', '" ~ names | join(',') ~ "')").rows[0][0]) -%}
    {%- for problem in found_problems %}{% do problems.append(contract.name ~ ': ' ~ problem) %}{% endfor -%}
    {%- if found_problems %}{{ return(none) }}{% endif -%}
    {%- set delivery = {'raw_dir': raw_dir, 'patterns': patterns, 'reader': raw_reader(form, folders_are_columns=false)} -%}
    {%- do delivery.update({'found': delivered_columns(contract, delivery, problems)}) -%}
    {%- if delivery.found is none %}{{ return(none) }}{% endif -%}
    {%- do delivery.update({'missing': names | reject('in', delivery.found) | list}) -%}
    {%- if delivery.missing and '/' ~ delivery.missing[0] ~ '=' in first_file -%}
        {%- do delivery.update({'reader': raw_reader(form, folders_are_columns=true)}) -%}
        {%- do delivery.update({'found': delivered_columns(contract, delivery, problems)}) -%}
        {%- do delivery.update({'missing': names | reject('in', delivery.found) | list}) -%}
    {%- endif -%}
    {%- set paths = [] -%}
    {%- for pattern in patterns -%}{%- do paths.append("'" ~ quoted(glob_text(raw_dir) ~ '/' ~ pattern) ~ "'") -%}{%- endfor -%}
    {%- do delivery.update({'relation': delivery.reader | replace('{files}', '[' ~ paths | join(', ') ~ ']')}) -%}
    {{ return(delivery) }}
{%- endmacro -%}

{#- What reads the files of one table, {files}. A folder such as bill_month=2026-01-01 names a column only where the files do not have it: DuckDB on its own
    would let the folder's name win over what the rows say. It would also take a first line that begins with # for a comment, and leave out others. -#}
{%- macro raw_reader(form, folders_are_columns) -%}
    {%- set files = "{files}, filename = 'delivered_file', union_by_name = true" -%}
    {%- set folders = 'hive_partitioning = true, hive_types_autocast = false' if folders_are_columns else 'hive_partitioning = false' -%}
    {%- if form.endswith('.parquet') -%}
        {{ return('read_parquet(' ~ files ~ ', binary_as_string = true, ' ~ folders ~ ')') }}
    {%- endif -%}
    {{ return('read_csv(' ~ files ~ ', all_varchar = true, header = true, skip = 0, null_padding = false, '
        ~ "delim = ',', quote = '\"', escape = '\"', comment = '', nullstr = '', " ~ folders ~ ')') }}
{%- endmacro -%}

{#- The rows of a query on the files of a delivery, {files}; none, and the problem, if one of them cannot be read. -#}
{%- macro asked_of_files(contract, delivery, query, problems) -%}
    {%- set answer = fromjson(run_query("select query_files('" ~ quoted(query) ~ "', '" ~ quoted(delivery.raw_dir) ~ "', '" ~ quoted(tojson(delivery.patterns)) ~ "')").rows[0][0]) -%}
    {%- if 'problem' in answer %}{% do problems.append(contract.name ~ ': ' ~ answer.problem) %}{% endif -%}
    {{ return(answer.get('rows')) }}
{%- endmacro -%}

{%- macro delivered_columns(contract, delivery, problems) -%}
    {%- set rows = asked_of_files(contract, delivery, 'describe select * from ' ~ delivery.reader, problems) -%}
    {%- if rows is none %}{{ return(none) }}{% endif -%}
    {%- set found = {} -%}
    {%- for row in rows -%}{%- do found.update({row[0] | lower: row[1]}) -%}{%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#- Adds what is wrong with the columns of some files: one is missing, or its whole type is wrong (unless it holds nothing but nulls). Returns the rows in
    them, or none if a column is missing or a file cannot be read. A few files of a table may well hold text that cannot be cast, row by row; a whole table
    may not. Every value is read once, so that a damaged file is noticed here and not in a build. -#}
{%- macro add_column_problems(contract, delivery, problems, is_whole=true) -%}
    {%- if delivery is none %}{{ return(none) }}{% endif -%}
    {%- for column in contract.columns if column.name in delivery.missing -%}
        {%- do problems.append(contract.name ~ '.' ~ column.name ~ ': the column is missing (expected ' ~ column.type ~ '); found '
            ~ (delivery.found.keys() | reject('equalto', 'delivered_file') | list)[:30] | join(', ')) -%}
    {%- endfor -%}
    {%- if delivery.missing %}{{ return(none) }}{% endif -%}
    {%- set counts = ['count(*)'] -%}
    {%- for column in contract.columns -%}
        {%- set fit = type_fit(column.type, delivery.found[column.name]) -%}
        {#- Calls are too many to be read twice: damage in such a file stops the build instead. -#}
        {%- do counts.append('0' if contract.read_by_day and fit not in ['text', 'wrong'] else 'count(*) filter ("' ~ column.name ~ '" is not null)') -%}
        {%- if type_fit(column.type, delivery.found[column.name]) == 'text' -%}
            {%- do counts.append('count(' ~ typed_value({'name': 'cast("' ~ column.name ~ '" as varchar)', 'type': column.type}) ~ ')') -%}
        {%- else -%}
            {%- do counts.append('0') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set rows = asked_of_files(contract, delivery, 'select ' ~ counts | join(', ') ~ ' from ' ~ delivery.reader, problems) -%}
    {%- if rows is none %}{{ return(none) }}{% endif -%}
    {%- set counted = rows[0] -%}
    {%- for column in contract.columns -%}
        {%- set filled, castable = counted[2 * loop.index0 + 1], counted[2 * loop.index0 + 2] -%}
        {%- set fit = type_fit(column.type, delivery.found[column.name]) -%}
        {%- if filled > 0 and castable == 0 and (fit == 'wrong' or (fit == 'text' and is_whole)) -%}
            {%- do problems.append(contract.name ~ '.' ~ column.name ~ ': expected ' ~ column.type ~ ', found ' ~ delivery.found[column.name]
                ~ (' in which no value can be cast' if fit == 'text' else '') ~ '; deliver the column as ' ~ column.type
                ~ (', written like ' ~ {'date': '2026-06-28', 'timestamp': '2026-06-28 17:05:00', 'boolean': 'true'}.get(column.type, '12') if fit == 'text' else '')) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(counted[0]) }}
{%- endmacro -%}

{#- How each contract column is read: a type that can hold the values (or text, which is cast row by row) is passed on. -#}
{%- macro raw_column_expressions(contract, found) -%}
    {%- set expressions = [] -%}
    {%- for column in contract.columns -%}
        {%- do expressions.append(raw_column_expression(column, found[column.name]) ~ ' as ' ~ column.name) -%}
    {%- endfor -%}
    {{ return(expressions) }}
{%- endmacro -%}

{%- macro raw_column_expression(column, delivered_type) -%}
    {%- set fit = type_fit(column.type, delivered_type) -%}
    {%- if fit == 'wrong' -%}{{ return('cast(null as ' ~ column.type ~ ')') }}
    {%- elif fit == 'zoned' -%}
        {#- An instant without a local time becomes one that cannot be read, not a null. -#}
        {%- set local = "timezone('" ~ quoted(var('business_timezone')) ~ "', \"" ~ column.name ~ '")' -%}
        {{ return('coalesce(try(' ~ local ~ '), case when "' ~ column.name ~ "\" is not null then timestamp 'infinity' end)") }}
    {%- elif fit == 'text' -%}{{ return('cast("' ~ column.name ~ '" as varchar)') }}
    {%- else -%}{{ return('"' ~ column.name ~ '"') }}
    {%- endif -%}
{%- endmacro -%}

{#- How a delivered type fits the expected one: 'direct', 'text' (cast value by value), 'zoned' (an instant) or 'wrong'. -#}
{%- macro type_fit(expected, delivered) -%}
    {%- set is_text = delivered == 'VARCHAR' or delivered.startswith('ENUM') -%}
    {%- set is_whole = delivered in ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'] -%}
    {%- set is_number = is_whole or delivered.startswith('DECIMAL') or delivered in ['FLOAT', 'DOUBLE'] -%}
    {#- An id that went through floating-point numbers is 12.0 or 1.38e+10, and no longer what other tables call it. -#}
    {%- if expected == 'varchar' -%}{{ return('direct' if is_text or is_whole or delivered == 'UUID' or (delivered.startswith('DECIMAL') and delivered.endswith(',0)')) else 'wrong') }}
    {%- elif is_text -%}{{ return('text') }}
    {%- elif expected in ['date', 'timestamp'] and delivered == 'TIMESTAMP WITH TIME ZONE' -%}{{ return('zoned') }}
    {%- elif expected in ['date', 'timestamp'] -%}{{ return('direct' if delivered == 'DATE' or delivered.startswith('TIMESTAMP') else 'wrong') }}
    {%- elif expected == 'boolean' -%}{{ return('direct' if delivered == 'BOOLEAN' else 'text' if is_whole else 'wrong') }}
    {%- else -%}{{ return('direct' if is_number else 'wrong') }}
    {%- endif -%}
{%- endmacro -%}

{%- macro empty_raw_view(contract) -%}
    {%- set expressions = [] -%}
    {%- for column in contract.columns -%}{%- do expressions.append('cast(null as ' ~ column.type ~ ') as ' ~ column.name) -%}{%- endfor -%}
    {%- if contract.read_by_day -%}
        {%- do expressions.extend(['cast(null as varchar) as delivered_file', 'cast(null as date) as delivered_on']) -%}
    {%- endif -%}
    {{ return('create or replace view raw.' ~ contract.name ~ ' as select ' ~ expressions | join(', ') ~ ' where false') }}
{%- endmacro -%}
