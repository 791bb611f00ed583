{#- First day of the month of a date. Both engines return a timestamp or a date here, hence the cast. -#}
{%- macro month_start(date_expression) -%}cast(date_trunc('month', {{ date_expression }}) as date){%- endmacro -%}

{#- Whether a date is a Sunday, counted from a known one: engines disagree on the number of a weekday. -#}
{%- macro is_sunday(date_expression) -%}mod({{ days_between("date '2000-01-02'", date_expression) }}, 7) = 0{%- endmacro -%}

{#- The last Sunday on or before a date (on or after 2000-01-02). -#}
{%- macro sunday_on_or_before(date_expression) -%}
{{ add_days(date_expression, "-mod(" ~ days_between("date '2000-01-02'", date_expression) ~ ", 7)") }}
{%- endmacro -%}
