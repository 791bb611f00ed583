{{ config(
    tags=['built_by_date'],
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    meta={'built_in_parts': true},
    pre_hook="{{ delete_observations_to_build('is_weekly') }}",
    post_hook="{{ update_dates_to_build() }}"
) }}
-- After the daily mart, since each joins all there is to say of an observation, and both at a time need twice the memory.
-- depends_on: {{ ref('fct_daily_alerts') }}
with alerts as (

    select * from {{ ref('alerts') }} where is_weekly

)

select
    {{ alert_mart_columns() }}
from alerts
