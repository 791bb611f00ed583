with alerts as (

    select * from {{ ref('alerts') }} where is_daily

)

select
    {{ alert_mart_columns() }}
from alerts
