with customers as (

    select * from {{ ref('stg_customers') }}

)

select
    customer_id,
    customer_type,
    customer_name_masked,
    gender,
    birth_date,
    contact_phone_hash is not null as has_contact_phone,
    address_hash is not null as has_address,
    certificate_no_hash is not null as has_certificate,
    certificate_verified,
    city_code,
    branch_code,
    manager_id,
    created_at
from customers
