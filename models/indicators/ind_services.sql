with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

subscriptions as (

    select * from {{ ref('stg_service_subscriptions') }}

),

services as (

    select * from {{ ref('services') }}

),

sticky_services_on as (

    select * from {{ ref('sticky_services_on') }}

),

new_services as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        count(distinct subscriptions.service_code) as new_services
    from targets
    inner join subscriptions
        on targets.subscriber_id = subscriptions.subscriber_id
        and subscriptions.started_on <= targets.as_of_date
        and subscriptions.started_on > {{ add_days('targets.as_of_date', -182) }}
    inner join services
        on subscriptions.service_code = services.service_code
        and services.is_new_service
    group by targets.as_of_date, targets.subscriber_id

),

marked as (

    -- One row. What the seed does not mark as sticky is no indicator, and null.
    select
        {%- for code in sticky_indicators() %}
        count(case when concat('sticky_', service_code) = '{{ code }}' then 1 end) as {{ code }},
        {%- endfor %}
        count(*) as services
    from services
    where is_sticky

),

sticky as (

    select
        {%- for code in sticky_indicators() %}
        max(case when indicator_code = '{{ code }}' then 1 else 0 end) as {{ code }},
        {%- endfor %}
        as_of_date,
        subscriber_id
    from sticky_services_on
    group by as_of_date, subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    {%- for code in sticky_indicators() %}
    case when marked.{{ code }} = 1 then coalesce(sticky.{{ code }}, 0) end as {{ code }},
    {%- endfor %}
    cast(coalesce(new_services.new_services, 0) as integer) as new_services_182d
from targets
cross join marked
left join new_services
    on targets.as_of_date = new_services.as_of_date
    and targets.subscriber_id = new_services.subscriber_id
left join sticky
    on targets.as_of_date = sticky.as_of_date
    and targets.subscriber_id = sticky.subscriber_id
