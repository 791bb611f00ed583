{#- Personal data leaves staging only through these. The key comes from CHURN_WARNING_HASH_KEY. -#}

{#- A keyed hash: the same value gives the same hash under one key, and nobody without the key can try out numbers. Null stays null. -#}
{%- macro keyed_hash(expression) -%}
md5({{ hash_key() }} || ':' || cast({{ expression }} as {{ engine_type('varchar') }}))
{%- endmacro -%}

{#- A telephone number with only its first three and last four digits shown; what is too short to hide anything, or no number, is starred out whole. -#}
{%- macro masked_number(expression) -%}
case
        when {{ matches_pattern(expression, '[+]?[0-9 -]{11,}') }} then concat(substring({{ expression }}, 1, 3), '****', substring({{ expression }}, length({{ expression }}) - 3, 4))
        when {{ expression }} is not null then '****'
    end
{%- endmacro -%}

{#- A name with only its first character shown; of a name of one character, none. -#}
{%- macro masked_name(expression) -%}
case when length({{ expression }}) > 1 then concat(substring({{ expression }}, 1, 1), '***') when {{ expression }} is not null then '***' end
{%- endmacro -%}

{#- The delivered text of a column as the quarantine shows it. Somebody's number or name may stand in the wrong column: ids are shown as they are, other texts
    with runs of nine or more digits starred out, and a value that its list or type does not know only if it is short and plain. -#}
{%- macro quarantined_text(column) -%}
    {%- set raw = 'raw_' ~ column.name -%}
    {%- set text = value_as_delivered(raw) if column.type in ['date', 'timestamp'] else 'cast(' ~ raw ~ ' as ' ~ engine_type('varchar') ~ ')' -%}
    {%- set starred = replace_pattern(text, '[0-9]{9,}', '*******') -%}
    {%- if column.meta.get('pii') -%}case when {{ raw }} is not null then '***' end
    {%- elif column.type != 'varchar' -%}case when {{ column.name }} is not null then {{ text }} when not {{ matches_pattern(text, '[ -~]{0,40}') }} then '***' else {{ starred }} end
    {%- elif column.meta.get('accepted') or column.meta.get('accepted_seed') -%}case when not {{ matches_pattern(text, '[ -~]{0,40}') }} then '***' else {{ starred }} end
    {%- elif column.name.endswith('_id') -%}{{ text }}
    {%- else -%}{{ starred }}
    {%- endif -%}
{%- endmacro -%}

{#- A number as the operator's networks compare it: a leading +86 is removed. -#}
{%- macro national_number(expression) -%}case when {{ expression }} like '+86%' then substring({{ expression }}, 4) else {{ expression }} end{%- endmacro -%}
