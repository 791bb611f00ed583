{#
  A number lies between two bounds, both included; either may be left out. A blank value is not checked.
  NaN and the infinities are numbers to the engine but not to us: they are shown too.
#}
{% test value_between(model, column_name, min_value=none, max_value=none) %}

select *
from {{ model }}
where {{ column_name }} is not null
    and not (
        {{ column_name }} >= {{ min_value if min_value is not none else '-1.7e308' }}
        and {{ column_name }} <= {{ max_value if max_value is not none else '1.7e308' }}
    )

{% endtest %}
