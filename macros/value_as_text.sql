{#- A value as a person reads it, by the unit of its indicator. -#}
{%- macro value_as_text(value, unit, unknown) -%}
case
            when {{ value }} is null then '{{ unknown }}'
            when {{ unit }} = 'share' then concat(cast(cast(round({{ value }} * 100) as decimal(38, 0)) as {{ engine_type('varchar') }}), ' %')
            when {{ unit }} = 'yuan' then cast(cast({{ value }} as decimal(38, 2)) as {{ engine_type('varchar') }})
            else cast(cast(round({{ value }}) as decimal(38, 0)) as {{ engine_type('varchar') }})
        end
{%- endmacro -%}
