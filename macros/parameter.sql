{#- One value of seed parameters, as a scalar of the given type. -#}
{%- macro parameter(parameter_code, type='integer') -%}
(select cast(max(value) as {{ engine_type(type) }}) from {{ ref('parameters') }} where parameter_code = '{{ parameter_code }}')
{%- endmacro -%}
