{#- Stops a run whose date has no data to judge: no call, message or session in its week, or no Sunday yet with enough days of feed behind it. -#}
{%- macro check_as_of_date() -%}
    {%- set as_of = env_var('CHURN_WARNING_AS_OF', '') -%}
    {%- if as_of and run_query("select try_cast('" ~ quoted(as_of) ~ "' as date) is null or not regexp_full_match('" ~ quoted(as_of) ~ "', '[0-9]{4}-[0-9]{2}-[0-9]{2}')").rows[0][0] -%}
        {{ exceptions.raise_compiler_error('As-of date: "' ~ as_of ~ '" is not a date; write it as 2026-06-28') }}
    {%- endif -%}
    {%- set weeks = env_var('CHURN_WARNING_WEEKS', '') -%}
    {%- if weeks and (not weeks.isdigit() or weeks | int == 0) -%}
        {{ exceptions.raise_compiler_error('As-of date: "' ~ weeks ~ '" (CHURN_WARNING_WEEKS) is no number of weeks; write 1 or more, or leave it out to build every week') }}
    {%- endif -%}
    {%- set date = "cast('" ~ as_of ~ "' as date)" if as_of else 'last_day' -%}
    {%- set feed = run_query("
        with days as (
            select delivered_on as day from " ~ source('deliveries', 'delivered_days') ~ " where delivered_on is not null
        ),
        feed as (select min(day) as first_day, max(day) as last_day from days),
        needed as (
            select cast(max(value) as integer) as history_days from " ~ seed_file('parameters') ~ " where parameter_code = 'min_history_days'
        ),
        bounds as (
            select *, first_day + history_days - 1 + cast(7 - isodow(first_day + history_days - 1) as integer) as first_sunday
            from feed cross join needed
        )
        select
            first_day,
            last_day,
            (select count(*) from days where day between " ~ date ~ " - 6 and " ~ date ~ ") as days_in_week,
            first_sunday,
            first_sunday > " ~ date ~ " as is_too_early,
            history_days
        from bounds
    ").rows[0] -%}
    {%- if feed[2] == 0 -%}
        {{ exceptions.raise_compiler_error('As-of date: there is no call, message or session in the week that ends on ' ~ as_of ~ '; the feeds run from ' ~ feed[0] ~ ' to ' ~ feed[1]
            ~ '. Choose a date with data, or deliver the missing days') }}
    {%- elif feed[4] -%}
        {{ exceptions.raise_compiler_error('As-of date: ' ~ (as_of or feed[1]) ~ ' is too early; the feeds begin on ' ~ feed[0] ~ ' and the first Sunday with ' ~ feed[5]
            ~ ' days of feed behind it (parameter min_history_days) is ' ~ feed[3]) }}
    {%- endif -%}
{%- endmacro -%}
