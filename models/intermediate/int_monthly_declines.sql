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
        lag(month_number) over (partition by subscriber_id, measure order by month_number) as previous_month_number,
        lag(measure_value) over (partition by subscriber_id, measure order by month_number) as previous_value,
        sum(measure_value) over (
            partition by subscriber_id, measure order by month_number range between 6 preceding and 1 preceding
        ) as sum_before,
        count(*) over (
            partition by subscriber_id, measure order by month_number range between 6 preceding and 1 preceding
        ) as months_before
    from numbered

),

falls as (

    select
        *,
        case when previous_month_number = month_number - 1 and measure_value < previous_value then 1 else 0 end as is_fall
    from with_previous

),

runs_of_falls as (

    select
        *,
        sum(1 - is_fall) over (
            partition by subscriber_id, measure order by month_number rows between unbounded preceding and current row
        ) as run_number
    from falls

)

select
    subscriber_id,
    measure_month,
    measure,
    measure_value,
    sum_before / nullif(months_before, 0) as mean_before,
    sum(is_fall) over (
        partition by subscriber_id, measure, run_number order by month_number rows between unbounded preceding and current row
    ) as falls_in_a_row
from runs_of_falls
