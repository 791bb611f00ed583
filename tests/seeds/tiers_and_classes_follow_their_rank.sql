-- Rank 1 is the best: the bound falls from rank to rank, and only the last rank has none, because it takes the rest.
-- To mend it: put the ranks in the order of the bounds, and leave exactly the last bound blank.
with ranked as (
    select
        'value_tiers' as seed_name,
        tier_code as code,
        rank,
        cast(min_arpu as double) as lower_bound
    from {{ ref('value_tiers') }}
    union all
    select
        'group_classes' as seed_name,
        class_code as code,
        rank,
        cast(min_members as double) as lower_bound
    from {{ ref('group_classes') }}
),

with_next as (
    select
        seed_name,
        code,
        rank,
        lower_bound,
        lead(rank) over (partition by seed_name order by rank) as next_rank,
        lead(lower_bound) over (partition by seed_name order by rank) as next_lower_bound
    from ranked
)

select *
from with_next
where (lower_bound is null) <> (next_rank is null)
    or lower_bound <= next_lower_bound
