{#- Built once all observations are: what they stand for. A run that is broken off before finds the same changes again. -#}
{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_facts_gone() }}") }}
-- depends_on: {{ ref('int_changed_facts') }}, {{ ref('int_facts') }}, {{ ref('contributions') }}, {{ ref('alerts_at_date') }}, {{ ref('reason_lists') }}, {{ ref('indicators_at_date') }}, {{ ref('indicators_more') }}
with facts as (

    {% if is_being_built() and is_incremental() -%}
    select * from {{ ref('int_changed_facts') }} where is_new
    {%- else -%}
    select * from {{ ref('int_facts') }}
    {%- endif %}

)

select
    scope_type,
    scope_key,
    holds_from,
    fact_hash
from facts
