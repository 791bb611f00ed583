{# The values of a group as one text, in a given order. Spark has no ORDER BY inside string_agg but WITHIN GROUP. #}
{%- macro ordered_list(expression, separator, order_by) -%}{{ return(adapter.dispatch('ordered_list', 'churn_warning')(expression, separator, order_by)) }}{%- endmacro -%}

{%- macro default__ordered_list(expression, separator, order_by) -%}string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }}){%- endmacro -%}

{%- macro spark__ordered_list(expression, separator, order_by) -%}listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }}){%- endmacro -%}
