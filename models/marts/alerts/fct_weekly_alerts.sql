with alerts as (

    select * from {{ ref('alerts') }} where is_weekly

)

select
    {{ alert_mart_columns() }}
from alerts
