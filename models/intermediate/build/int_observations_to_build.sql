{{ config(meta={'built_in_parts': true}) }}
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

value_tiers as (

    select * from {{ ref('int_value_tiers_at_date') }}

),

memberships as (

    select * from {{ ref('int_memberships_at_date') }}

),

run as (

    select * from {{ ref('int_run') }}

),

judged as (

    select
        value_tiers.as_of_date,
        value_tiers.subscriber_id,
        value_tiers.status_code,
        value_tiers.status_category,
        value_tiers.plan_code,
        value_tiers.arpu_3m,
        value_tiers.is_arpu_from_plan,
        value_tiers.value_tier,
        case
            when memberships.is_key_person then 'group_key_person'
            when memberships.subscriber_id is not null then 'group_member'
            else 'individual'
        end as customer_class,
        memberships.group_id,
        memberships.group_class,
        value_tiers.status_category <> 'left'
        and (value_tiers.is_target_tier or coalesce(memberships.is_target_key_person, false)) as is_target
    from value_tiers
    left join memberships
        on value_tiers.as_of_date = memberships.as_of_date
        and value_tiers.subscriber_id = memberships.subscriber_id

),

-- Lines that are not watched are looked at on the date of the run only. One that could not be judged stays, for the tests to find.
needed as (

    select judged.*
    from judged
    cross join run
    where judged.is_target
        or judged.as_of_date = run.as_of_date
        or judged.is_target is null
        or judged.status_category is null
        or judged.value_tier is null

)

select
    needed.as_of_date,
    as_of_dates.week_start_date,
    as_of_dates.previous_sunday,
    as_of_dates.is_weekly,
    as_of_dates.is_daily,
    as_of_dates.history_days,
    as_of_dates.first_feed_date,
    needed.subscriber_id,
    subscribers.customer_id,
    subscribers.account_id,
    subscribers.activated_on,
    needed.status_code,
    needed.status_category,
    subscribers.msisdn_masked,
    subscribers.brand_code,
    needed.plan_code,
    customers.city_code,
    customers.branch_code,
    customers.manager_id,
    needed.arpu_3m,
    needed.is_arpu_from_plan,
    needed.value_tier,
    needed.customer_class,
    needed.group_id,
    needed.group_class,
    needed.is_target
from needed
inner join as_of_dates on needed.as_of_date = as_of_dates.as_of_date
inner join subscribers on needed.subscriber_id = subscribers.subscriber_id
left join customers on subscribers.customer_id = customers.customer_id
