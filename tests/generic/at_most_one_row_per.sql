{#
  A key of several columns; two blanks are the same value. Shows the key values that occur more than once. Columns that are named as `filled` hold something in
  every row besides, neither null nor only spaces, and those under `accepted` only values that are listed there (a blank is not checked). One test for all of it,
  because each test costs a query.
  Rows are told apart by a number that stands for their key, and only those that share one are compared in full: keys are texts, and millions of them do not fit
  into memory. Of a table that keeps its rows from run to run (built_only) the observations are tested that the run has built.
#}
{% test at_most_one_row_per(model, columns, filled=[], accepted={}, built_only=false) %}
{%- set rows = of_built_observations(model) if built_only else model %}

select
    'is there more than once' as mistake,
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ rows }} as checked_rows
where {{ row_hash(columns) }} in (
        select {{ row_hash(columns) }}
        from {{ rows }} as numbered_rows
        group by {{ row_hash(columns) }}
        having count(*) > 1
    )
group by {{ columns | join(', ') }}
having count(*) > 1
{%- if filled %}

union all

select
    {% for column in filled -%}
        case when {{ is_blank(column, model) }} then '{{ column }} ' else '' end
        {%- if not loop.last %} || {% endif %}
    {% endfor %} || 'is blank' as mistake,
    {{ columns | join(', ') }},
    1 as row_count
from {{ rows }} as checked_rows
where
    {% for column in filled -%}
        {{ is_blank(column, model) }}
        {%- if not loop.last %} or {% endif %}
    {% endfor %}
{%- endif %}
{%- for column, values in accepted.items() %}

union all

select
    '{{ column }} is none of {{ values | join(', ') }}' as mistake,
    {{ columns | join(', ') }},
    1 as row_count
from {{ rows }} as checked_rows
where {{ column }} not in ('{{ values | join("', '") }}')
{%- endfor %}

{% endtest %}
