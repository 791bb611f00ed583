{{ config(materialized='view') }}
-- A row of contributions says what it is in either model; here each model has rows of its own.
with contributions as (

    select * from {{ in_own_file(ref('contributions')) }}

),

model_scopes as (

    select model_scope from (values ('base'), ('local')) as scopes (model_scope)

)

select
    contributions.as_of_date,
    contributions.subscriber_id,
    model_scopes.model_scope,
    contributions.scorecard_code,
    contributions.indicator_code,
    contributions.family_code,
    contributions.indicator_value,
    contributions.lower_bound,
    contributions.upper_bound,
    contributions.points,
    case when model_scopes.model_scope = 'base' then contributions.is_counted_in_base else contributions.is_counted_in_local end as is_counted,
    contributions.scope_type,
    contributions.scope_code
from contributions
cross join model_scopes
where case when model_scopes.model_scope = 'base' then contributions.is_in_base else contributions.is_in_local end
