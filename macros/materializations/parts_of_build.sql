{#- A model with meta.built_in_parts is built some dates at a time, because a million lines at seven dates take memory that nobody has. Its SQL limits what it
    reads by is_in_part(). -#}

{#- The parts of the model that is being built: lists of dates, the oldest first. A part has about so many lines, times dates, as var
    observations_per_part says; dates of which all lines are built and dates of which some are lie in different parts, so that the few do not make many days
    to be read again. One none, which means all at once, for other models and where there is no date. -#}
{%- macro parts_of_build() -%}
    {%- if not config.get('meta', {}).get('built_in_parts') %}{{ return([none]) }}{% endif -%}
    {%- set lines = run_query('select count(*) from ' ~ relation_of('stg_subscribers')).rows[0][0] -%}
    {%- set dates_per_part = [var('observations_per_part') // [lines, 1] | max, 1] | max -%}
    {%- set parts = [] -%}
    {%- for as_of_date, is_whole in run_query('select as_of_date, is_whole from ' ~ relation_of('int_dates_to_build') ~ ' order by as_of_date').rows -%}
        {%- if parts and parts[-1].is_whole == is_whole and parts[-1].dates | length < dates_per_part -%}
            {%- do parts[-1].dates.append(as_of_date) -%}
        {%- else -%}
            {%- do parts.append({'is_whole': is_whole, 'dates': [as_of_date]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts | map(attribute='dates') | list or [none]) }}
{%- endmacro -%}

{#- Adds further parts to a table that has the first. -#}
{%- macro insert_parts(relation, parts, sql) -%}
    {%- for part in parts -%}
        {%- do show_dates(part) -%}
        {%- do run_query('insert into ' ~ relation ~ ' by name ' ~ sql) -%}
    {%- endfor -%}
    {%- do show_dates(none) -%}
{%- endmacro -%}

{#- Limits what is_in_part() lets through to the dates of a part, or to none; it holds for the connection, which dbt opens anew for each model. -#}
{%- macro show_dates(part) -%}
    {%- if part -%}
        {%- do run_query("set variable first_date_of_part = date '" ~ part[0] ~ "'; set variable last_date_of_part = date '" ~ part[-1] ~ "'") -%}
    {%- else -%}
        {%- do run_query('reset variable first_date_of_part; reset variable last_date_of_part') -%}
    {%- endif -%}
{%- endmacro -%}
