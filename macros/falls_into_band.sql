{#- Whether a value falls into a band: from the lower bound (included) to the upper bound (excluded), a blank bound being open; a missing value only
    into a match_missing row. -#}
{%- macro falls_into_band(value, band) -%}
case
            when {{ value }} is null then {{ band }}.match_missing
            else not {{ band }}.match_missing
                and ({{ band }}.lower_bound is null or {{ value }} >= {{ band }}.lower_bound)
                and ({{ band }}.upper_bound is null or {{ value }} < {{ band }}.upper_bound)
        end
{%- endmacro -%}
