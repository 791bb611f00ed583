{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
with cdrs as (

    select * from {{ ref('int_cdrs_subscriber_day') }}

)

select
    subscriber_id,
    usage_date,
    competitor_forwards,
    own_hotline_calls,
    competitor_hotline_calls
from cdrs
where competitor_forwards + own_hotline_calls + competitor_hotline_calls > 0
