with versions as (

    {{ newest_version('bills') }}

)

select
    subscriber_id,
    account_id,
    bill_month,
    total_fee,
    coalesce(voice_fee, 0) as voice_fee,
    coalesce(sms_fee, 0) as sms_fee,
    coalesce(data_fee, 0) as data_fee,
    coalesce(new_service_fee, 0) as new_service_fee,
    issued_on,
    updated_at,
    delivered_rows
from versions
where version_rank = 1
