{{ config(materialized='view') }}
with alerts as (

    select * from {{ in_own_file(ref('alerts_at_date')) }}

),

reason_lists as (

    select * from {{ in_own_file(ref('reason_lists')) }}

),

as_of_dates as (

    select as_of_date from {{ in_own_file(ref('int_as_of_dates')) }} where is_daily

)

select
    {{ alert_mart_columns() }}
from alerts
left join reason_lists on alerts.reason_list_hash = reason_lists.list_hash
where alerts.as_of_date in (select as_of_date from as_of_dates)
