{#- Rounded to six decimals, half away from zero, before it is stored, banded or compared, so that a value on a bound falls on the same side on every engine.
    Adding 0.0 turns a negative zero into zero. -#}
{%- macro six_decimals(expression) -%}(round({{ expression }}, 6) + cast(0 as double)){%- endmacro -%}

{#- numerator / denominator in double; null where either is null or the denominator is 0. -#}
{%- macro share_of(numerator, denominator) -%}
{{ six_decimals("cast(" ~ numerator ~ " as double) / nullif(cast(" ~ denominator ~ " as double), 0)") }}
{%- endmacro -%}

{#- A drop is 1 - now / before; null where before is null or 0. -#}
{%- macro drop_of(now, before) -%}
{{ six_decimals("1 - cast(" ~ now ~ " as double) / nullif(cast(" ~ before ~ " as double), 0)") }}
{%- endmacro -%}
