with targets as (

    select * from {{ ref('int_observations_to_build') }} where is_target

),

contacts as (

    select * from {{ ref('stg_service_contacts') }}

),

counted as (

    select
        targets.as_of_date,
        targets.subscriber_id,
        count(*) as care_contacts
    from targets
    inner join contacts
        on targets.subscriber_id = contacts.subscriber_id
        and contacts.contacted_on <= targets.as_of_date
        and contacts.contacted_on > {{ add_days('targets.as_of_date', -182) }}
    where contacts.purpose = 'care'
    group by targets.as_of_date, targets.subscriber_id

)

select
    targets.as_of_date,
    targets.subscriber_id,
    cast(coalesce(counted.care_contacts, 0) as integer) as care_contacts_182d
from targets
left join counted
    on targets.as_of_date = counted.as_of_date
    and targets.subscriber_id = counted.subscriber_id
