{#- Kept from run to run: if one of these days is built, the other must be, too. -#}
{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
with versions as (

    select * from {{ ref('cdr_rows_set_aside') }}

),

stayed as (

    select
        table_name,
        cdr_id,
        delivered_on as usage_date
    from versions
    where version_rank = 1
        and is_accepted
        and first_version_on < last_version_on

)

select distinct
    stayed.usage_date,
    versions.delivered_on as version_on
from stayed
inner join versions
    on stayed.table_name = versions.table_name
    and stayed.cdr_id = versions.cdr_id
where stayed.usage_date <> versions.delivered_on
