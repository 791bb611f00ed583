{#- The statement that drops what stands where a table or view is to be made; nothing, if nothing does. -#}
{%- macro drop_statement(relation) -%}
{%- if relation -%}drop {{ relation.type }} if exists {{ relation }};{%- endif -%}
{%- endmacro -%}
