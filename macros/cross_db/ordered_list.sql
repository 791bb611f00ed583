{# The values of a group as one text, in a given order. DuckDB: a sorted list, because string_agg with ORDER BY takes several times as long where groups are
    many. Spark has no ORDER BY inside string_agg but WITHIN GROUP. #}
{%- macro ordered_list(expression, separator, order_by) -%}{{ return(adapter.dispatch('ordered_list', 'churn_warning')(expression, separator, order_by)) }}{%- endmacro -%}

{%- macro default__ordered_list(expression, separator, order_by) -%}
array_to_string(
        list_transform(
            list_sort(list({'place': {{ order_by }}, 'value': {{ expression }}}) filter (where {{ expression }} is not null)), lambda one: one.value
        ),
        '{{ separator }}'
    )
{%- endmacro -%}

{%- macro spark__ordered_list(expression, separator, order_by) -%}listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }}){%- endmacro -%}
