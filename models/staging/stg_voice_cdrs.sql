{{ config(tags=['built_by_day']) }}
with versions as (

    {{ newest_version('voice_cdrs') }}

),

hotlines as (

    select
        {{ national_number("hotline_number") }} as hotline_number,
        operator_code
    from {{ ref('operator_hotlines') }}

)

select
    versions.cdr_id,
    versions.subscriber_id,
    versions.started_at,
    cast(versions.started_at as date) as usage_date,
    versions.call_type,
    {{ keyed_hash(national_number('versions.peer_number')) }} as peer_hash,
    hotlines.operator_code as hotline_operator_code,
    versions.peer_operator,
    versions.duration_s,
    versions.fee,
    versions.delivered_rows,
    versions.first_version_on,
    versions.last_version_on
from versions
left join hotlines on {{ national_number('versions.peer_number') }} = hotlines.hotline_number
where versions.version_rank = 1
    and versions.is_accepted
