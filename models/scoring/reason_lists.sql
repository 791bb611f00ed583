{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append') }}
-- Each list of reasons that alerts have or had, once, with its texts in both languages: millions of alerts share some thousands of lists.
with reasons as (

    select * from {{ ref('reasons') }}

),

lists as (

    select distinct
        reason_codes,
        reason_text_en,
        reason_text_zh
    from reasons

){% if is_being_built() and is_incremental() %},

kept as (

    select * from {{ this }}

),

new as (

    select lists.*
    from lists
    left join kept
        on lists.reason_codes = kept.reason_codes
        and lists.reason_text_en = kept.reason_text_en
        and lists.reason_text_zh = kept.reason_text_zh
    where kept.list_number is null

),

last_number as (

    select coalesce(max(list_number), 0) as list_number from kept

){% else %},

new as (

    select * from lists

),

last_number as (

    select 0 as list_number

){% endif %}

select
    cast(
        last_number.list_number + row_number() over (order by new.reason_codes, new.reason_text_en, new.reason_text_zh) as integer
    ) as list_number,
    new.reason_codes,
    new.reason_text_en,
    new.reason_text_zh
from new
cross join last_number
