{#
  All that one seed's rows have to be, in one test: each test costs a node of the graph and a query, more than the few rows themselves.

  filled      columns that hold something in every row: neither null nor only spaces
  keys        lists of columns; no two rows are equal in one of them (two blanks are the same value)
  accepted    column -> its values; a blank is not checked
  between     column -> {min_value, max_value}, both included, either may be left out; a blank is not checked, NaN and the infinities are
              numbers to the engine but not to us
  parents     list of {columns, to, to_columns}: found in the table `to`; a row with a blank among them refers to nothing
  ordered     list of {lower, upper, or_equal}: the lower bound is below the upper one (or_equal: or the same); a blank bound is open
  disjoint    list of {partition_by, ranges}, ranges being a list of {lower, upper, inclusive_upper}: no two rows of a partition share a point. A row
              covers one range or, with several (points and days, risk and stability), the rectangle of them; a blank bound is open

  Shows one row per mistake: what is wrong, in which columns, and what they hold.
#}
{% test rows_are_sound(model, filled, keys=[], accepted={}, between={}, parents=[], ordered=[], disjoint=[]) %}

with checked_rows as (
    select
        *,
        row_number() over (order by {{ filled | join(', ') }}) as row_no
    from {{ model }}
),

mistakes as (
    {{ mistake('is blank', filled, in_columns=blank_columns(filled)) }}
    where {{ blank_columns(filled) }} <> ''
    union all
    {% for key in keys -%}
    {{ mistake('is there more than once', key) }}
    group by {{ key | join(', ') }}
    having count(*) > 1
    union all
    {% endfor -%}
    {% for column, values in accepted.items() -%}
    {{ mistake('is none of ' ~ values | join(', '), [column]) }}
    where {{ column }} not in ({% for value in values %}{{ value if value is number else "'" ~ value ~ "'" }}{{ ', ' if not loop.last }}{% endfor %})
    union all
    {% endfor -%}
    {% for column, bounds in between.items() -%}
    {{ mistake('is out of bounds', [column]) }}
    where {{ column }} is not null
        and not ({{ column }} >= {{ bounds.get('min_value', '-1.7e308') }} and {{ column }} <= {{ bounds.get('max_value', '1.7e308') }})
    union all
    {% endfor -%}
    {% for parent in parents -%}
    {{ mistake('is not in ' ~ parent.to.identifier, parent.columns) }}
    where
        {% for column in parent.columns %}{{ column }} is not null and {% endfor -%}
        not exists (
            select 1
            from {{ parent.to }} as parent
            where {% for column in parent.columns %}parent.{{ parent.to_columns[loop.index0] }} = checked_rows.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
        )
    union all
    {% endfor -%}
    {% for range in ordered -%}
    {{ mistake('is above ' ~ range.upper, [range.lower, range.upper]) }}
    where {{ range.lower }} {{ '>' if range.or_equal else '>=' }} {{ range.upper }}
    union all
    {% endfor -%}
    {% for rows in disjoint -%}
    {%- set columns = (rows.partition_by or []) + (rows.ranges | map(attribute='lower') | list) + (rows.ranges | map(attribute='upper') | list) -%}
    {{ mistake('overlaps with another row', columns) }}
    where exists (
        select 1
        from checked_rows as other_row
        where other_row.row_no <> checked_rows.row_no
            {%- for column in rows.partition_by or [] %}
            and other_row.{{ column }} = checked_rows.{{ column }}
            {%- endfor %}
            {%- for range in rows.ranges %}
            {%- set below = '<=' if range.inclusive_upper else '<' %}
            and coalesce(checked_rows.{{ range.lower }} {{ below }} other_row.{{ range.upper }}, true)
            and coalesce(other_row.{{ range.lower }} {{ below }} checked_rows.{{ range.upper }}, true)
            {%- endfor %}
    )
    union all
    {% endfor -%}
    {{ mistake('', filled[:1]) }}
    where false
)

select *
from mistakes

{% endtest %}
