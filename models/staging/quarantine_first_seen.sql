{#- The only memory of earlier runs: which run first rejected a row. A full refresh keeps it. -#}
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
with quarantined_rows as (

    select * from {{ ref('quarantined_rows') }}

)

select distinct
    quarantined_rows.row_hash,
    '{{ run_id() }}' as first_seen_run_id
from quarantined_rows
{% if is_incremental() -%}
left join {{ this }} as seen on quarantined_rows.row_hash = seen.row_hash
where seen.row_hash is null
{%- endif %}
