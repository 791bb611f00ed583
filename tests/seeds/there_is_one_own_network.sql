-- Exactly one operator is our own, and no operator is both our own and a competitor.
with counted as (
    select
        count_if(is_own) as own_networks,
        count_if(is_own and is_competitor) as own_and_competitor
    from {{ ref('operators') }}
)

select *
from counted
where own_networks <> 1 or own_and_competitor > 0
