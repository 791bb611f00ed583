{# Whether a whole text has the form of a regular expression. The pattern is written without backslashes, which Spark would read twice. #}
{%- macro matches_pattern(expression, pattern) -%}{{ return(adapter.dispatch('matches_pattern', 'churn_warning')(expression, pattern)) }}{%- endmacro -%}

{%- macro default__matches_pattern(expression, pattern) -%}regexp_full_match({{ expression }}, '{{ pattern }}'){%- endmacro -%}

{%- macro spark__matches_pattern(expression, pattern) -%}({{ expression }} rlike '^({{ pattern }})$'){%- endmacro -%}
