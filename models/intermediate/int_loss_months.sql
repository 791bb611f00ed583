{{ config(materialized='view') }}
-- One row per line and billing month that is judged: from activation, or the first bill of the feed, to the last billing month of the run, or the month of leaving.
with run as (

    select * from {{ ref('int_run') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

status_periods as (

    select * from {{ ref('int_status_periods') }}

),

status_entries as (

    select * from {{ ref('int_status_entries') }}

),

digits as (

    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as numbers (digit)

),

months_back as (

    select hundreds.digit * 100 + tens.digit * 10 + ones.digit as months
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones

),

-- Without any bill the feed's first month stands in for that of the first bill.
first_bill as (

    select coalesce(min(bills.bill_month), max({{ month_start('run.first_feed_date') }})) as first_bill_month
    from run
    left join bills on true

),

left_lines as (

    -- Still left at the run; the line left with its last event out of another category.
    select
        status_entries.subscriber_id,
        max(status_entries.changed_on) as left_on
    from status_entries
    inner join run on status_entries.changed_on <= run.as_of_date
    inner join status_periods
        on status_entries.subscriber_id = status_periods.subscriber_id
        and status_periods.starts_on <= run.as_of_date
        and status_periods.ends_before > run.as_of_date
    where status_periods.status_category = 'left'
        and status_entries.status_category = 'left'
        and (status_entries.previous_status_category is null or status_entries.previous_status_category <> 'left')
    group by status_entries.subscriber_id

),

ranges as (

    select
        subscribers.subscriber_id,
        greatest({{ month_start('subscribers.activated_on') }}, first_bill.first_bill_month) as first_month,
        case
            when left_lines.subscriber_id is null then run.last_bill_month
            else least(run.last_bill_month, {{ month_start('left_lines.left_on') }})
        end as last_month
    from subscribers
    cross join run
    cross join first_bill
    left join left_lines on subscribers.subscriber_id = left_lines.subscriber_id

),

months as (

    select {{ plus_months('run.last_bill_month', '-months_back.months') }} as bill_month
    from run
    cross join months_back

)

select
    ranges.subscriber_id,
    months.bill_month
from ranges
inner join months
    on months.bill_month >= ranges.first_month
    and months.bill_month <= ranges.last_month
