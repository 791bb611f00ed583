{#
  Every named column holds something: neither null nor only spaces. One test for all required columns of a seed,
  because each test costs a query. The first column shown names the columns that are blank; the rest is the row.
  Of a table that keeps its rows from run to run (built_only) the observations are tested that the run has built.
#}
{% test not_blank(model, columns, built_only=false) %}

select
    {% for column in columns -%}
        case when {{ column }} is null or trim(cast({{ column }} as {{ dbt.type_string() }})) = '' then '{{ column }} ' else '' end
        {%- if not loop.last %} || {% endif %}
    {% endfor %} as blank_columns,
    checked_rows.*
from {{ of_built_observations(model) if built_only else model }} as checked_rows
where
    {% for column in columns -%}
        {{ column }} is null or trim(cast({{ column }} as {{ dbt.type_string() }})) = ''
        {%- if not loop.last %} or {% endif %}
    {% endfor %}

{% endtest %}
