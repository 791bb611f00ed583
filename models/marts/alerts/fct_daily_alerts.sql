{{ config(
    tags=['built_by_date'],
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    meta={'built_in_parts': true},
    pre_hook="{{ delete_observations_to_build('is_daily') }}",
    post_hook="{{ update_dates_to_build() }}"
) }}
with alerts as (

    select * from {{ ref('alerts') }} where is_daily

)

select
    {{ alert_mart_columns() }}
from alerts
