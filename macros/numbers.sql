{#- Rounded to six decimals, half away from zero, before it is stored, banded or compared, so that a value on a bound falls on the same side on every engine.
    The decimal in between takes away what double arithmetic leaves at the sixteenth digit: 1 - 0.6571875 must round as 0.3428125 does.
    Almost all numbers fit into a decimal of 64 bits, which DuckDB rounds twenty times as fast as one of 128. -#}
{%- macro six_decimals(expression) -%}
case
    when abs({{ expression }}) < 100000 then cast(round(cast({{ expression }} as decimal(18, 12)), 6) as double)
    else cast(round(cast({{ expression }} as decimal(38, 12)), 6) as double)
end
{%- endmacro -%}

{#- numerator / denominator in double; null where either is null or the denominator is 0. -#}
{%- macro share_of(numerator, denominator) -%}
{{ six_decimals("cast(" ~ numerator ~ " as double) / nullif(cast(" ~ denominator ~ " as double), 0)") }}
{%- endmacro -%}

{#- A drop is 1 - now / before; null where before is null or 0. -#}
{%- macro drop_of(now, before) -%}
{{ six_decimals("1 - cast(" ~ now ~ " as double) / nullif(cast(" ~ before ~ " as double), 0)") }}
{%- endmacro -%}

{#- A sum, not null, in the type of what it adds up: with the 38 digits that sums have in themselves it takes DuckDB a hundred times as long to read it back.
    One absurd row must not break the build, so a sum that is too large reads as the largest number there is. -#}
{%- macro sum_as(sum, type) -%}
{%- set largest = {'bigint': '9223372036854775807', 'decimal(18, 2)': '9999999999999999.99'} -%}
cast(least({{ sum }}, {{ largest[type] }}) as {{ type }})
{%- endmacro -%}
