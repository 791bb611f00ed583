{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append', pre_hook="{{ delete_observations_to_build() }}") }}
-- Every indicator of every watched line at every date: kept from run to run.
with indicators as (

    select * from {{ ref('indicators_to_build') }}

)

select
    as_of_date,
    subscriber_id,
    indicator_code,
    indicator_value,
    indicator_status
from indicators
