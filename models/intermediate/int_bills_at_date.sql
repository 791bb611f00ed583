-- A bill is known at a date if it was issued by then; M1 is the newest month whose bill can be expected.
with lines as (

    select * from {{ ref('int_activated_subscribers') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

dates as (

    select distinct
        as_of_date,
        last_bill_month
    from lines

),

issue_dates as (

    select distinct issued_on from bills

),

-- What is known at a date is known since the last issue of any bill: most dates share that day with the date before, and their bills are added up once.
known_since as (

    select
        dates.as_of_date,
        dates.last_bill_month,
        max(issue_dates.issued_on) as issued_by
    from dates
    inner join issue_dates on issue_dates.issued_on <= dates.as_of_date
    group by dates.as_of_date, dates.last_bill_month

),

lines_since as (

    select distinct
        lines.subscriber_id,
        known_since.last_bill_month,
        known_since.issued_by
    from lines
    inner join known_since on lines.as_of_date = known_since.as_of_date

),

known as (

    select
        lines_since.subscriber_id,
        lines_since.last_bill_month,
        lines_since.issued_by,
        bills.total_fee,
        bills.new_service_fee,
        case
            when bills.bill_month = lines_since.last_bill_month then 1
            when bills.bill_month = {{ plus_months('lines_since.last_bill_month', -1) }} then 2
            when bills.bill_month = {{ plus_months('lines_since.last_bill_month', -2) }} then 3
            when bills.bill_month = {{ plus_months('lines_since.last_bill_month', -3) }} then 4
            else 5
        end as months_back
    from lines_since
    inner join bills
        on lines_since.subscriber_id = bills.subscriber_id
        and bills.bill_month <= lines_since.last_bill_month
        and bills.bill_month >= {{ plus_months('lines_since.last_bill_month', -5) }}
        and bills.issued_on <= lines_since.issued_by

),

summed as (

    select
        subscriber_id,
        last_bill_month,
        issued_by,
        count(*) filter (where months_back <= 3) as bills_3m,
        sum(total_fee) filter (where months_back <= 3) as total_fee_3m,
        count(*) as bills_6m,
        sum(total_fee) as total_fee_6m,
        count(*) filter (where months_back <= 4) as bills_4m,
        sum(new_service_fee) filter (where months_back <= 2) as new_service_fee_m1_m2,
        sum(new_service_fee) filter (where months_back in (3, 4)) as new_service_fee_m3_m4
    from known
    group by subscriber_id, last_bill_month, issued_by

)

select
    lines.as_of_date,
    lines.subscriber_id,
    summed.bills_3m,
    summed.total_fee_3m,
    summed.bills_6m,
    summed.total_fee_6m,
    summed.bills_4m,
    summed.new_service_fee_m1_m2,
    summed.new_service_fee_m3_m4
from lines
inner join known_since on lines.as_of_date = known_since.as_of_date
inner join summed
    on lines.subscriber_id = summed.subscriber_id
    and known_since.last_bill_month = summed.last_bill_month
    and known_since.issued_by = summed.issued_by
