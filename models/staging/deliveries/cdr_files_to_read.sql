{#- The files in which the rows of the days to build lie, and those that hold rows without a readable day for the first time. Once it is known, the views on
    the raw tables are pointed at these files. -#}
{{ config(tags=['built_by_day'], post_hook="{{ point_raw_views_at_days(this, ref('cdr_days_to_build')) }}") }}
with delivered as (

    select * from {{ source('deliveries', 'delivered_days') }}

),

days as (

    select * from {{ ref('cdr_days_to_build') }}

),

scope as (

    select coalesce(bool_or(is_everything), false) as is_everything from days

),

built as (

    select distinct
        table_name,
        file_name,
        file_bytes,
        modified_at
    from {{ source('last_build', 'built_deliveries') }}

)

select distinct
    delivered.table_name,
    delivered.file_name
from delivered
cross join scope
left join days on delivered.delivered_on = days.usage_date
left join built
    on delivered.table_name = built.table_name
    and delivered.file_name = built.file_name
    and delivered.file_bytes = built.file_bytes
    and delivered.modified_at = built.modified_at
where delivered.delivered_rows > 0
    and (
        days.usage_date is not null
        or built.file_name is null
        or scope.is_everything
    )
