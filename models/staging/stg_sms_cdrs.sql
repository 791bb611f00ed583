{{ config(tags=['built_by_day']) }}
with versions as (

    {{ newest_version('sms_cdrs') }}

)

select
    cdr_id,
    subscriber_id,
    sent_at,
    cast(sent_at as date) as usage_date,
    direction,
    {{ keyed_hash(national_number('peer_number')) }} as peer_hash,
    peer_operator,
    fee,
    delivered_rows,
    first_version_on,
    last_version_on
from versions
where version_rank = 1
    and is_accepted
