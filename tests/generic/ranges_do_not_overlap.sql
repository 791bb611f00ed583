{#
  No two rows of the same partition share a point. A row covers one range or, with several ranges (points and days,
  risk and stability), the rectangle of them: rows overlap only where all their ranges do. A blank bound is open.

  partition_by    columns that have to be equal for two rows to be compared; may be empty
  ranges          list of {lower, upper, inclusive_upper}: column names, and whether the upper bound belongs to it

  Shows both rows: the columns of the first as they are, those of the second with the prefix other_.
#}
{% test ranges_do_not_overlap(model, ranges, partition_by=[]) %}

{%- set columns = partition_by | list -%}
{%- for range in ranges -%}
    {%- do columns.append(range.lower) -%}
    {%- do columns.append(range.upper) -%}
{%- endfor %}

with numbered_rows as (
    select
        {{ columns | join(', ') }},
        row_number() over (order by {{ columns | join(', ') }}) as row_no
    from {{ model }}
)

select
    {% for column in columns -%}
    first_row.{{ column }},
    {% endfor -%}
    {% for column in columns if column not in partition_by -%}
    second_row.{{ column }} as other_{{ column }}
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from numbered_rows as first_row
inner join numbered_rows as second_row
    on first_row.row_no < second_row.row_no
    {%- for column in partition_by %}
    and first_row.{{ column }} = second_row.{{ column }}
    {%- endfor %}
    {%- for range in ranges %}
    {%- set below = '<=' if range.inclusive_upper else '<' %}
    and coalesce(first_row.{{ range.lower }} {{ below }} second_row.{{ range.upper }}, true)
    and coalesce(second_row.{{ range.lower }} {{ below }} first_row.{{ range.upper }}, true)
    {%- endfor %}

{% endtest %}
