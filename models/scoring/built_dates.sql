-- Built last: the dates that are kept, and by which rules they were built. The tests of what stands above it have passed by then: a run that one of them stops
-- leaves dates that the next run builds, and tests, again.
-- depends_on: {{ ref('built_facts') }}, {{ ref('fct_alert_contributions') }}, {{ ref('fct_indicators') }}
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bands_at_date as (

    select * from {{ ref('int_bands_at_date') }}

),

batch as (

    select
        max(rules_hash) as rules_hash,
        max(batch_id) as batch_id
    from {{ ref('int_dates_to_build') }}

)

select
    as_of_dates.as_of_date,
    as_of_dates.is_weekly,
    as_of_dates.is_daily,
    as_of_dates.first_feed_date,
    bands_at_date.bands_hash,
    batch.rules_hash,
    batch.batch_id
from as_of_dates
inner join bands_at_date on as_of_dates.as_of_date = bands_at_date.as_of_date
cross join batch
