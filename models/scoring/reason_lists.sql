{{ config(tags=['built_by_date'], materialized='incremental', incremental_strategy='append') }}
-- Each list of reasons that alerts have or had, once, with its texts in both languages: millions of alerts share some thousands of lists.
with lists as (

    select distinct
        list_hash,
        reason_codes,
        reason_text_en,
        reason_text_zh
    from {{ ref('reasons') }}

)

select
    list_hash,
    reason_codes,
    reason_text_en,
    reason_text_zh
from lists
{%- if is_being_built() and is_incremental() %}
-- Other texts with the hash of a list that is there are added too, for the test of this table to find.
where (list_hash, reason_codes, reason_text_en, reason_text_zh) not in (
    select list_hash, reason_codes, reason_text_en, reason_text_zh from {{ this }}
)
{%- endif %}
