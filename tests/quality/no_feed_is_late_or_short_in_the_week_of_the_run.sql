-- A feed that stopped reads as customers who calmed down. The run stops here, before anything is published, unless it was told to go on.
with gaps as (

    select * from {{ ref('int_feed_gaps') }}

),

run as (

    select * from {{ ref('int_run') }}

)

select
    gaps.table_name,
    gaps.feed_date,
    gaps.day_rows,
    gaps.expected_rows,
    gaps.last_row_date
from gaps
inner join run on gaps.as_of_date = run.as_of_date
order by gaps.table_name, gaps.feed_date
