-- A bill is known at a date if it was issued by then; M1 is the newest month whose bill can be expected.
with lines as (

    select * from {{ ref('int_activated_subscribers') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

known as (

    select
        lines.as_of_date,
        bills.subscriber_id,
        bills.total_fee,
        bills.new_service_fee,
        case
            when bills.bill_month = lines.last_bill_month then 1
            when bills.bill_month = {{ plus_months('lines.last_bill_month', -1) }} then 2
            when bills.bill_month = {{ plus_months('lines.last_bill_month', -2) }} then 3
            when bills.bill_month = {{ plus_months('lines.last_bill_month', -3) }} then 4
            else 5
        end as months_back
    from lines
    inner join bills
        on lines.subscriber_id = bills.subscriber_id
        and bills.bill_month <= lines.last_bill_month
        and bills.bill_month >= {{ plus_months('lines.last_bill_month', -5) }}
        and bills.issued_on <= lines.as_of_date

)

select
    as_of_date,
    subscriber_id,
    count(*) filter (where months_back <= 3) as bills_3m,
    sum(total_fee) filter (where months_back <= 3) as total_fee_3m,
    count(*) as bills_6m,
    sum(total_fee) as total_fee_6m,
    count(*) filter (where months_back <= 4) as bills_4m,
    sum(new_service_fee) filter (where months_back <= 2) as new_service_fee_m1_m2,
    sum(new_service_fee) filter (where months_back in (3, 4)) as new_service_fee_m3_m4
from known
group by as_of_date, subscriber_id
