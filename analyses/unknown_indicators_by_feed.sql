-- Which indicators are not known for how many watched lines on the last Sunday, why, and which raw tables beyond the required ones they need.
-- A value that is not known earns no points (but those of a match_missing row), so a high share here means alerts that see less than they could.
with indicators as (

    select * from {{ ref('indicators_long') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }} where is_weekly

),

indicator_feeds as (

    select * from {{ ref('indicator_feeds') }}

),

feeds as (

    select
        indicator_code,
        {{ ordered_list('table_name', ', ', 'table_name') }} as needs_feeds
    from indicator_feeds
    group by indicator_code

),

last_sunday as (

    select max(as_of_date) as as_of_date from as_of_dates

)

select
    indicators.as_of_date,
    indicators.indicator_code,
    coalesce(feeds.needs_feeds, 'required tables only') as needs_feeds,
    count(*) as watched,
    count(*) filter (where indicators.indicator_status = 'feed_absent') as feed_absent,
    count(*) filter (where indicators.indicator_status = 'too_early') as too_early,
    count(*) filter (where indicators.indicator_status = 'nothing_to_compare') as nothing_to_compare,
    count(*) filter (where indicators.indicator_status = 'unknown') as not_delivered
from indicators
inner join last_sunday on indicators.as_of_date = last_sunday.as_of_date
left join feeds on indicators.indicator_code = feeds.indicator_code
group by
    indicators.as_of_date,
    indicators.indicator_code,
    feeds.needs_feeds
having count(*) filter (where indicators.indicator_status <> 'known') > 0
order by indicators.indicator_code
