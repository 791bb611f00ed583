{{ config(materialized='view') }}
-- What a month's fee and voice usage were, where that is known, as (line, month, measure, value). A month of usage is known if all of it lies behind the
-- start of the feed and the activation; from then on no usage is 0. Of bills only those count that were issued by the run's date.
with run as (

    select * from {{ ref('int_run') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

usage_days as (

    select * from {{ ref('int_usage_subscriber_day') }}

),

digits as (

    select digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as numbers (digit)

),

months as (

    select {{ plus_months('run.first_full_month', 'hundreds.digit * 100 + tens.digit * 10 + ones.digit') }} as usage_month
    from run
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones

),

monthly_usage as (

    select
        usage_days.subscriber_id,
        {{ month_start('usage_days.usage_date') }} as usage_month,
        sum(usage_days.voice_seconds) as voice_seconds,
        sum(usage_days.voice_calls) as voice_calls
    from usage_days
    inner join run
        on usage_days.usage_date >= run.first_full_month
        and usage_days.usage_date < {{ plus_months('run.last_bill_month', 1) }}
    group by usage_days.subscriber_id, {{ month_start('usage_days.usage_date') }}

),

known_usage as (

    select
        subscribers.subscriber_id,
        months.usage_month,
        coalesce(monthly_usage.voice_seconds, 0) as voice_seconds,
        coalesce(monthly_usage.voice_calls, 0) as voice_calls
    from subscribers
    inner join months on months.usage_month >= subscribers.activated_on
    inner join run on months.usage_month <= run.last_bill_month
    left join monthly_usage
        on subscribers.subscriber_id = monthly_usage.subscriber_id
        and months.usage_month = monthly_usage.usage_month

)

select
    bills.subscriber_id,
    bills.bill_month as measure_month,
    'fee' as measure,
    cast(bills.total_fee as double) as measure_value
from bills
inner join run on bills.issued_on <= run.as_of_date

union all

select
    subscriber_id,
    usage_month as measure_month,
    'minutes' as measure,
    cast(voice_seconds as double) / 60 as measure_value
from known_usage

union all

select
    subscriber_id,
    usage_month as measure_month,
    'calls' as measure,
    cast(voice_calls as double) as measure_value
from known_usage
