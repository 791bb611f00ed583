{#
  The lower bound of each range is below its upper bound (or_equal: or the same). A blank bound is open.
  One test for all ranges of a seed: ranges is a list of {lower, upper, or_equal}.
#}
{% test lower_below_upper(model, ranges) %}

select *
from {{ model }}
where
    {% for range in ranges -%}
        {{ range.lower }} {{ '>' if range.or_equal else '>=' }} {{ range.upper }}
        {%- if not loop.last %} or {% endif %}
    {% endfor %}

{% endtest %}
