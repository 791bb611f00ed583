{#- Models land in the schema that their folder names, with no prefix: one warehouse file holds one project. -#}
{%- macro generate_schema_name(custom_schema_name, node) -%}
{{ custom_schema_name or target.schema }}
{%- endmacro -%}
