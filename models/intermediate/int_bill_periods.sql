-- A bill is known at a date if it was issued by then; M1 is the newest month whose bill can be expected. Most dates know the same bills as the date before, so
-- that these are added up once for all of them.
with dates_to_build as (

    select * from {{ ref('int_dates_to_build') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

lines_to_build as (

    select * from {{ ref('int_lines_to_build') }}

),

bills as (

    select * from {{ ref('stg_bills') }}

),

issue_dates as (

    select distinct issued_on from bills

),

last_issues as (

    select
        dates_to_build.as_of_date,
        dates_to_build.is_whole,
        as_of_dates.last_bill_month,
        max(issue_dates.issued_on) as issued_by
    from dates_to_build
    inner join as_of_dates on dates_to_build.as_of_date = as_of_dates.as_of_date
    inner join issue_dates on dates_to_build.as_of_date >= issue_dates.issued_on
    group by dates_to_build.as_of_date, dates_to_build.is_whole, as_of_dates.last_bill_month

),

periods as (

    select
        min(as_of_date) as first_date,
        max(as_of_date) as last_date,
        max(case when is_whole then 1 else 0 end) = 1 as is_whole,
        issued_by,
        last_bill_month as m1,
        {{ plus_months('last_bill_month', -1) }} as m2,
        {{ plus_months('last_bill_month', -2) }} as m3,
        {{ plus_months('last_bill_month', -3) }} as m4,
        {{ plus_months('last_bill_month', -5) }} as m6
    from last_issues
    group by last_bill_month, issued_by

),

known as (

    select
        bills.subscriber_id,
        periods.first_date,
        periods.last_date,
        bills.total_fee,
        bills.new_service_fee,
        bills.bill_month >= periods.m3 as is_of_3m,
        bills.bill_month >= periods.m4 as is_of_4m,
        bills.bill_month >= periods.m2 as is_of_m1_m2,
        bills.bill_month >= periods.m4 and bills.bill_month < periods.m2 as is_of_m3_m4
    from bills
    inner join periods
        on bills.issued_on <= periods.issued_by
        and bills.bill_month <= periods.m1
        and bills.bill_month >= periods.m6
    left join lines_to_build
        on bills.subscriber_id = lines_to_build.subscriber_id
        and periods.last_date >= lines_to_build.build_from
    where periods.is_whole
        or lines_to_build.subscriber_id is not null

)

-- In fen: six of the largest amounts that a bill can have still fit into 64 bits.
select
    subscriber_id,
    first_date,
    last_date,
    count(*) filter (where is_of_3m) as bills_3m,
    cast(sum(total_fee) filter (where is_of_3m) * 100 as bigint) as total_fen_3m,
    count(*) as bills_6m,
    cast(sum(total_fee) * 100 as bigint) as total_fen_6m,
    count(*) filter (where is_of_4m) as bills_4m,
    cast(sum(new_service_fee) filter (where is_of_m1_m2) * 100 as bigint) as new_service_fen_m1_m2,
    cast(sum(new_service_fee) filter (where is_of_m3_m4) * 100 as bigint) as new_service_fen_m3_m4
from known
group by subscriber_id, first_date, last_date
