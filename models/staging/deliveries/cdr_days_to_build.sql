{#- Which days of calls, messages and sessions this run reads: the new ones, those delivered late or again or taken back, and those on which a line's rows
    count differently because the line became known, vanished or has another day of activation. Told from the files' names, sizes and times, so that no old
    row is read to find out. -#}
{{ config(tags=['built_by_day']) }}
with recursive delivered as (

    select * from {{ source('deliveries', 'delivered_days') }}

),

built as (

    select * from {{ source('last_build', 'built_deliveries') }}

),

earlier_batch as (

    select * from {{ source('last_build', 'earlier_batch') }}

),

subscribers as (

    select * from {{ ref('stg_subscribers') }}

),

built_subscribers as (

    select * from {{ source('last_build', 'built_subscribers') }}

),

built_usage_days as (

    select * from {{ source('last_build', 'built_usage_days') }}

),

built_rejects as (

    select * from {{ source('last_build', 'built_rejects') }}

),

built_ties as (

    select * from {{ source('last_build', 'built_ties') }}

),

last_rules as (

    select
        max(rules_hash) as rules_hash,
        max(batch_id) as batch_id
    from built

),

scope as (

    select
        rules_hash is null
        or rules_hash <> '{{ usage_rules_hash() }}'
        or {{ 'true' if is_full_refresh() else 'false' }} as is_everything
    from last_rules

),

compared_files as (

    select
        delivered.delivered_on as day_now,
        built.delivered_on as day_before
    from delivered
    full outer join built
        on delivered.table_name = built.table_name
        and delivered.file_name = built.file_name
        and delivered.file_bytes = built.file_bytes
        and delivered.modified_at = built.modified_at
        and delivered.delivered_on is not distinct from built.delivered_on
    cross join scope
    where delivered.file_name is null
        or built.file_name is null
        or scope.is_everything

),

changed_lines as (

    select
        coalesce(subscribers.subscriber_id, built_subscribers.subscriber_id) as subscriber_id,
        subscribers.activated_on as activated_now,
        built_subscribers.activated_on as activated_before
    from subscribers
    full outer join built_subscribers on subscribers.subscriber_id = built_subscribers.subscriber_id
    where subscribers.activated_on is null
        or built_subscribers.activated_on is null
        or subscribers.activated_on <> built_subscribers.activated_on

),

-- Rows that were accepted and may no longer be.
lines_that_lose as (

    select
        subscriber_id,
        activated_now
    from changed_lines
    where activated_before is not null
        and (activated_now is null or activated_now > activated_before)

),

changed_days as (

    select day_now as usage_date from compared_files
    union all
    select day_before as usage_date from compared_files
    union all
    select built_usage_days.usage_date
    from built_usage_days
    inner join lines_that_lose on built_usage_days.subscriber_id = lines_that_lose.subscriber_id
    where lines_that_lose.activated_now is null
        or built_usage_days.usage_date < {{ add_days('lines_that_lose.activated_now', -1) }}
    union all
    -- Rejected rows may now be accepted, or be rejected for another reason.
    select built_rejects.delivered_on as usage_date
    from built_rejects
    inner join changed_lines on built_rejects.subscriber_id = changed_lines.subscriber_id
    union all
    -- A build that was broken off may have changed its days in some tables and not in others.
    select earlier_batch.usage_date
    from earlier_batch
    left join last_rules on earlier_batch.batch_id = last_rules.batch_id
    where last_rules.batch_id is null

),

-- Versions of one record on several days: only together do these days show which version is the newest.
rejected_versions as (

    select
        delivered_on,
        min(delivered_on) over (partition by table_name, row_key) as first_version_on
    from built_rejects
    where row_key <> ''

),

ties as (

    select
        usage_date as one_day,
        version_on as other_day
    from built_ties
    union
    select
        delivered_on as one_day,
        first_version_on as other_day
    from rejected_versions

),

ties_both_ways as (

    select
        one_day,
        other_day
    from ties
    union
    select
        other_day as one_day,
        one_day as other_day
    from ties

),

days as (

    select usage_date from changed_days
    union
    select ties_both_ways.other_day as usage_date
    from days
    inner join ties_both_ways on days.usage_date = ties_both_ways.one_day

),

day_rows as (

    select
        delivered_on,
        sum(delivered_rows) as delivered_rows
    from delivered
    group by delivered_on

)

select
    days.usage_date,
    scope.is_everything,
    -- Days that are added up together (int_cdrs_subscriber_day): about so many rows as a gibibyte of memory is enough for.
    cast(floor(sum(coalesce(day_rows.delivered_rows, 0)) over (order by days.usage_date) / {{ var('cdrs_per_part') }}.0) as integer) as part_number,
    '{{ invocation_id }}' as batch_id
from days
cross join scope
left join day_rows on days.usage_date = day_rows.delivered_on
where days.usage_date is not null
