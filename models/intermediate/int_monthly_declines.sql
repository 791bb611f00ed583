-- For each known month: for how many months in a row the measure has been falling, and its mean over the known months of the six before.
with measures as (

    select * from {{ ref('int_monthly_measures') }}

),

numbered as (

    select
        *,
        extract(year from measure_month) * 12 + extract(month from measure_month) as month_number
    from measures

),

with_previous as (

    select
        *,
        lag(month_number) over by_month as previous_month_number,
        lag(measure_value) over by_month as previous_value,
        sum(measure_value) over six_months_before / nullif(count(*) over six_months_before, 0) as mean_before
    from numbered
    window
        by_month as (partition by subscriber_id, measure order by month_number),
        six_months_before as (partition by subscriber_id, measure order by month_number range between 6 preceding and 1 preceding)

),

-- Falls in a row are the months since the last one that was no fall.
without_fall as (

    select
        *,
        case when previous_month_number = month_number - 1 and measure_value < previous_value then null else month_number end as month_without_fall
    from with_previous

)

select
    subscriber_id,
    measure_month,
    measure,
    measure_value,
    mean_before,
    month_number - max(month_without_fall) over (
        partition by subscriber_id, measure order by month_number rows between unbounded preceding and current row
    ) as falls_in_a_row
from without_fall
