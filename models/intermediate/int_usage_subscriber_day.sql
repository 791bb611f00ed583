{{ config(tags=['built_by_day'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_days_to_build() }}") }}
-- What a line did on a day, kept from run to run, one row per line and day with any record.
with cdrs as (

    select * from {{ ref('int_cdrs_subscriber_day') }}

)

select
    subscriber_id,
    usage_date,
    spoken_seconds as voice_seconds,
    made_calls + received_calls as voice_calls,
    distinct_peers,
    data_bytes,
    usage_fee,
    made_calls + sent_messages + sessions > 0 as is_active_day
from cdrs
