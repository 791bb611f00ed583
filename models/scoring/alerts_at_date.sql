{{ config(
    tags=['built_by_date'],
    materialized='incremental',
    incremental_strategy='append',
    meta={'built_in_parts': true},
    pre_hook="{{ delete_observations_to_build() }}",
    post_hook="{{ update_dates_to_build() }}"
) }}
-- Everything that the weekly and the daily mart say of an observation, once for both; of its reasons the hash of their list (reason_lists).
with observations as (

    select * from {{ ref('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}

),

scores as (

    select * from {{ dates_of_this_build(ref('scores')) }}

),

early_warnings as (

    select * from {{ ref('early_warnings') }} where {{ is_in_part('as_of_date') }}

),

levels as (

    select * from {{ dates_of_this_build(ref('alert_levels_at_date')) }}

),

states as (

    select * from {{ dates_of_this_build(ref('alert_states')) }}

),

ranks as (

    select * from {{ dates_of_this_build(ref('alert_ranks')) }}

),

reasons as (

    select * from {{ ref('reasons') }} where {{ is_in_part('as_of_date') }}

),

model_scopes as (

    select model_scope from (values ('base'), ('local')) as scopes (model_scope)

),

reasons_by_model as (

    select
        reasons.as_of_date,
        reasons.subscriber_id,
        model_scopes.model_scope,
        reasons.list_hash
    from reasons
    cross join model_scopes
    where case when model_scopes.model_scope = 'base' then reasons.is_in_base else reasons.is_in_local end

),

versions as (

    select * from {{ ref('scorecard_versions') }}

),

provisional_dates as (

    select * from {{ ref('int_feed_gaps') }}

),

provisional as (

    select distinct as_of_date from provisional_dates

)

select
    observations.as_of_date,
    observations.week_start_date,
    observations.subscriber_id,
    observations.customer_id,
    observations.account_id,
    observations.msisdn_masked,
    observations.customer_class,
    observations.value_tier,
    observations.arpu_3m,
    observations.brand_code,
    observations.plan_code,
    observations.city_code,
    observations.branch_code,
    observations.manager_id,
    observations.group_id,
    observations.group_class,
    scores.model_scope,
    scores.core_risk_score,
    scores.core_stability_score,
    scores.churn_traceback_score,
    levels.stability_alert_level,
    early_warnings.commitment_risk_level,
    early_warnings.has_complaint_condition,
    early_warnings.has_plunge_condition,
    early_warnings.has_contract_expiry_condition,
    early_warnings.has_forwarding_condition,
    early_warnings.has_competitor_contact_condition,
    early_warnings.early_warning_level,
    levels.is_potential_churner,
    levels.alert_level,
    coalesce(levels.alert_signals, '') as alert_signals,
    states.alert_state,
    states.weeks_in_alert,
    cast(ranks.priority_rank as integer) as priority_rank,
    reasons_by_model.list_hash as reason_list_hash,
    provisional.as_of_date is not null as is_provisional,
    versions.scorecard_version
from observations
inner join scores
    on observations.as_of_date = scores.as_of_date
    and observations.subscriber_id = scores.subscriber_id
left join early_warnings
    on scores.as_of_date = early_warnings.as_of_date
    and scores.subscriber_id = early_warnings.subscriber_id
left join levels
    on scores.as_of_date = levels.as_of_date
    and scores.subscriber_id = levels.subscriber_id
    and scores.model_scope = levels.model_scope
left join states
    on scores.as_of_date = states.as_of_date
    and scores.subscriber_id = states.subscriber_id
    and scores.model_scope = states.model_scope
left join reasons_by_model
    on scores.as_of_date = reasons_by_model.as_of_date
    and scores.subscriber_id = reasons_by_model.subscriber_id
    and scores.model_scope = reasons_by_model.model_scope
left join ranks
    on scores.as_of_date = ranks.as_of_date
    and scores.subscriber_id = ranks.subscriber_id
    and scores.model_scope = ranks.model_scope
left join versions on scores.as_of_date = versions.as_of_date
left join provisional on scores.as_of_date = provisional.as_of_date
