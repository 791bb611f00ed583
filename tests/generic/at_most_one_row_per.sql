{#
  A key of several columns; two blanks are the same value. Shows the key values that occur more than once.
  Of a table that keeps its rows from run to run (built_only) the observations are tested that the run has built.
#}
{% test at_most_one_row_per(model, columns, built_only=false) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ of_built_observations(model) if built_only else model }} as checked_rows
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
