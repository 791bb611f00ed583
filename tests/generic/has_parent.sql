{#
  A foreign key of several columns: dbt's own relationships test knows one column only. A row with a blank among
  its columns refers to nothing and is not checked (not_blank says whether it may be blank).
#}
{% test has_parent(model, columns, to, to_columns) %}

select child.*
from {{ model }} as child
left join (select distinct {{ to_columns | join(', ') }} from {{ to }}) as parent
    on {% for column in columns -%}
        child.{{ column }} = parent.{{ to_columns[loop.index0] }}
        {%- if not loop.last %} and {% endif %}
    {%- endfor %}
where parent.{{ to_columns[0] }} is null
    {%- for column in columns %}
    and child.{{ column }} is not null
    {%- endfor %}

{% endtest %}
