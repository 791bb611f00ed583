-- Indicators that need a feed which the operator does not have: they are not known, whatever the tables seem to say.
with feeds as (

    select * from {{ ref('int_feeds') }}

),

indicator_feeds as (

    select * from {{ ref('indicator_feeds') }}

),

services as (

    select * from {{ ref('services') }}

),

needs as (

    select
        indicator_code,
        table_name
    from indicator_feeds

    union

    select
        concat('sticky_', service_code) as indicator_code,
        'service_subscriptions' as table_name
    from services
    where is_sticky

    union

    select
        concat('sticky_', service_code) as indicator_code,
        'data_cdrs' as table_name
    from services
    where is_sticky and min_usage_mb_28d is not null

)

select
    needs.indicator_code,
    {{ ordered_list('needs.table_name', ',', 'needs.table_name') }} as absent_feeds
from needs
inner join feeds on needs.table_name = feeds.table_name
where not feeds.is_provided
group by needs.indicator_code
