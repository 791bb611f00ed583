{#- The beginning of a query for one kind of mistake of test rows_are_sound: what is wrong, in which columns, and what they hold. -#}
{%- macro mistake(problem, columns, in_columns=none) -%}
select
        '{{ problem | replace("'", "''") }}' as problem,
        {{ in_columns or "'" ~ columns | join(', ') ~ "'" }} as in_columns,
        concat(
            {%- for column in columns %}
            coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'blank'){{ ", ', '," if not loop.last }}
            {%- endfor %}
        ) as column_values
    from checked_rows
{%- endmacro -%}
