-- A manager's list has no gap and no two customers on one place; only alerts are ranked.
with alerts as (

    select
        *,
        coalesce(manager_id, concat('branch ', coalesce(branch_code, ''))) as list_owner
    from {{ ref('fct_weekly_alerts') }}
    -- One alert that is built again can move all others of its list.
    where as_of_date in (select as_of_date from {{ ref('int_dates_to_build') }})

)

select
    as_of_date,
    model_scope,
    list_owner,
    count(*) as alerts,
    count(priority_rank) as ranked_alerts,
    count(distinct priority_rank) as places,
    max(priority_rank) as last_place
from alerts
where alert_level <> 'none' or priority_rank is not null
group by as_of_date, model_scope, list_owner
having count(*) <> count(priority_rank)
    or count(*) <> count(distinct priority_rank)
    or count(*) <> max(priority_rank)
