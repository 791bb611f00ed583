-- Distinct bundle services on at the last day of a judged month, and of the month before it. In a month in which none ended there are not fewer.
with months as (

    select * from {{ ref('int_loss_months') }}

),

subscriptions as (

    select * from {{ ref('stg_service_subscriptions') }}

),

services as (

    select * from {{ ref('services') }}

),

bundles as (

    select
        subscriptions.subscriber_id,
        subscriptions.service_code,
        subscriptions.started_on,
        subscriptions.ended_on
    from subscriptions
    inner join services on subscriptions.service_code = services.service_code
    where services.is_bundle

),

months_of_ends as (

    select distinct
        subscriber_id,
        {{ month_start('ended_on') }} as bill_month
    from bundles
    where ended_on is not null

),

on_at_month_end as (

    select
        months.subscriber_id,
        months.bill_month,
        bundles.service_code,
        bundles.started_on <= last_day(months.bill_month)
        and (bundles.ended_on is null or bundles.ended_on > last_day(months.bill_month)) as is_on_now,
        bundles.started_on < months.bill_month
        and (bundles.ended_on is null or bundles.ended_on >= months.bill_month) as is_on_before
    from months_of_ends
    inner join months
        on months_of_ends.subscriber_id = months.subscriber_id
        and months_of_ends.bill_month = months.bill_month
    inner join bundles on months.subscriber_id = bundles.subscriber_id

)

select
    subscriber_id,
    bill_month,
    count(distinct case when is_on_now then service_code end) as bundles_now,
    count(distinct case when is_on_before then service_code end) as bundles_before
from on_at_month_end
group by subscriber_id, bill_month
