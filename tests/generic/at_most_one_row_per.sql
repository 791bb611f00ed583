{#
  A key of several columns; two blanks are the same value. Shows the key values that occur more than once.
#}
{% test at_most_one_row_per(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
