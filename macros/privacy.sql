{#- Personal data leaves staging only through these. The key comes from CHURN_WARNING_HASH_KEY. -#}

{#- A keyed hash: the same value gives the same hash under one key, and nobody without the key can try out numbers. Null stays null. -#}
{%- macro keyed_hash(expression) -%}
md5({{ hash_key() }} || ':' || cast({{ expression }} as {{ engine_type('varchar') }}))
{%- endmacro -%}

{#- A telephone number with only its first three and last four digits shown; one too short to hide anything is starred out whole. -#}
{%- macro masked_number(expression) -%}
case
        when length({{ expression }}) >= 11 then concat(substring({{ expression }}, 1, 3), '****', substring({{ expression }}, length({{ expression }}) - 3, 4))
        when {{ expression }} is not null then '****'
    end
{%- endmacro -%}

{#- A name with only its first character shown. -#}
{%- macro masked_name(expression) -%}
case when {{ expression }} is not null then concat(substring({{ expression }}, 1, 1), '***') end
{%- endmacro -%}

{#- A number as the operator's networks compare it: a leading +86 is removed. -#}
{%- macro national_number(expression) -%}case when {{ expression }} like '+86%' then substring({{ expression }}, 4) else {{ expression }} end{%- endmacro -%}
