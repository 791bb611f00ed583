-- Every date for which the marts hold observations.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

)

select
    as_of_date as date_day,
    week_start_date,
    previous_sunday,
    {{ month_start('as_of_date') }} as month_start_date,
    last_bill_month,
    is_weekly,
    is_daily,
    history_days,
    case when is_weekly then {{ add_days('as_of_date', parameter('outcome_horizon_days')) }} end as outcome_until
from as_of_dates
