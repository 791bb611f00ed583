{# A delivered value as text. DuckDB knows timestamps (of the year -290000) that it cannot write down. #}
{%- macro value_as_delivered(expression) -%}{{ return(adapter.dispatch('value_as_delivered', 'churn_warning')(expression)) }}{%- endmacro -%}

{%- macro default__value_as_delivered(expression) -%}coalesce(try(cast({{ expression }} as varchar)), case when {{ expression }} is not null then 'out of range' end){%- endmacro -%}

{%- macro spark__value_as_delivered(expression) -%}cast({{ expression }} as string){%- endmacro -%}
