{#- Turns a CTE with one column per indicator into the column contract that all indicator models share.
    unknown_statuses: indicator -> SQL that says why its value is null, where more than 'unknown' can be said. -#}
{%- macro long_form(cte, indicator_codes, unknown_statuses={}) -%}
{%- for code in indicator_codes %}
select
    as_of_date,
    subscriber_id,
    '{{ code }}' as indicator_code,
    cast({{ code }} as double) as indicator_value,
    case when {{ code }} is not null then 'known' else {{ unknown_statuses.get(code, "'unknown'") }} end as indicator_status
from {{ cte }}
{{ 'union all' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}
