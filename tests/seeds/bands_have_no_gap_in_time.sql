-- Between the first and the last day of an indicator's bands in a scope, some row is valid on every day: otherwise
-- the scope would fall back to another one's points for a while, unseen.
-- To mend it: let the new row's valid_from be the day after the old row's valid_to.
with bands as (
    select
        scorecard_code,
        scope_type,
        scope_code,
        indicator_code,
        valid_from,
        max(coalesce(valid_to, cast('9999-12-31' as date))) over (
            partition by scorecard_code, scope_type, scope_code, indicator_code
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ ref('scorecard_bands') }}
)

select *
from bands
where {{ dbt.datediff('covered_until', 'valid_from', 'day') }} > 1
