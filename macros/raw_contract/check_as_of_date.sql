{#- Stops a run whose date has no data to judge: no call, message or session in its week, or no Sunday yet with enough feed behind it. -#}
{%- macro check_as_of_date() -%}
    {%- set as_of = env_var('CHURN_WARNING_AS_OF', '') -%}
    {%- set days -%}
        select min(day) as first_day, max(day) as last_day
            {%- if as_of %}, count(case when day between cast('{{ quoted(as_of) }}' as date) - 6 and cast('{{ quoted(as_of) }}' as date) then 1 end){% endif %}
        from (
            select try_cast(started_at as date) as day from {{ source('raw', 'voice_cdrs') }}
            union all select try_cast(sent_at as date) from {{ source('raw', 'sms_cdrs') }}
            union all select try_cast(started_at as date) from {{ source('raw', 'data_cdrs') }}
        )
    {%- endset -%}
    {%- if as_of and not modules.re.match('^\d{4}-\d{2}-\d{2}$', as_of) -%}
        {{ exceptions.raise_compiler_error('As-of date: "' ~ as_of ~ '" is not a date; write it as 2026-06-28') }}
    {%- endif -%}
    {%- if as_of -%}
        {%- set found = run_query(days).rows[0] -%}
        {%- if found[2] == 0 -%}
            {{ exceptions.raise_compiler_error('As-of date: there is no call, message or session in the week that ends on ' ~ as_of ~ '; the feeds run from ' ~ found[0] ~ ' to ' ~ found[1] ~ '. Choose a date with data, or deliver the missing days') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
