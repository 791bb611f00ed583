-- The alerts of one Sunday as somebody would write them by hand, for speed and for nothing else: no check of the delivery, no quarantine, no
-- versions, no tests, no sentences. What the project's models do in many tables is done here in few. bench/floor.py fills in ${...} from the
-- arguments and the seeds and runs the steps; `repeat: day` runs a step for each day of the week.

-- step: lines
create table if not exists ids (line integer, subscriber_id varchar);
create table if not exists usage_week (week_end date, line integer, seconds bigint, peer_days integer, cents bigint, bytes bigint, active_days tinyint);
create table if not exists rare_day (usage_date date, line integer, forwards integer, own_hotline integer, competitor_hotline integer);

create temp table subscribers as
select subscriber_id, customer_id, account_id, plan_code, activated_on
from read_parquet('${raw}/subscribers.parquet');

insert into ids
select (select count(*) from ids) + row_number() over (order by subscriber_id), subscriber_id
from subscribers
anti join ids using (subscriber_id);

create temp table usage_day (usage_date date, line integer, seconds bigint, peers integer, cents bigint, bytes bigint, is_active boolean);

-- step: calls, messages and sessions by line and day
-- repeat: day
-- Calls are summed by person called first, so that these are counted without a second look at the calls. Doubles hold these sums exactly
-- (fees to the cent after rounding) and are added faster than the wide integers that sums of whole numbers become.
insert into usage_day
with calls as (
    select
        subscriber_id,
        case
            when call_type not in ('mo', 'mt') then null
            when peer_number like '+86%' then substring(peer_number, 4)
            else peer_number
        end as peer,
        sum(case when call_type in ('mo', 'mt') then duration_s::double end) as seconds,
        sum(fee::double) as yuan,
        bool_or(call_type = 'mo') as is_active
    from read_parquet('${raw}/voice_cdrs/day=${day}/*.parquet')
    group by all
),

voice as (
    select subscriber_id, sum(seconds) as seconds, count(peer) as peers, sum(yuan) as yuan, bool_or(is_active) as is_active
    from calls
    group by subscriber_id
),

others as (
    select subscriber_id, sum(yuan) as yuan, sum(bytes) as bytes, bool_or(is_active) as is_active
    from (
        select subscriber_id, fee::double as yuan, 0::double as bytes, direction = 'mo' as is_active
        from read_parquet('${raw}/sms_cdrs/day=${day}/*.parquet')
        union all
        select subscriber_id, fee::double as yuan, bytes_total::double as bytes, true as is_active
        from read_parquet('${raw}/data_cdrs/day=${day}/*.parquet')
    ) as records
    group by subscriber_id
)

select
    date '${day}',
    ids.line,
    voice.seconds,
    voice.peers,
    round((coalesce(voice.yuan, 0) + coalesce(others.yuan, 0)) * 100),
    others.bytes,
    coalesce(voice.is_active, false) or coalesce(others.is_active, false)
from ids
left join voice using (subscriber_id)
left join others using (subscriber_id)
where voice.subscriber_id is not null or others.subscriber_id is not null;

insert into rare_day
select
    date '${day}',
    ids.line,
    count(*) filter (where call_type = 'fwd' and peer_operator in (${competitors})),
    count(*) filter (where call_type = 'mo' and peer_number in (${own_hotlines})),
    count(*) filter (where call_type in ('mo', 'mt') and peer_number in (${competitor_hotlines}))
from read_parquet('${raw}/voice_cdrs/day=${day}/*.parquet') as calls
inner join ids on calls.subscriber_id = ids.subscriber_id
where (call_type = 'fwd' and peer_operator in (${competitors}))
    or (call_type = 'mo' and peer_number in (${own_hotlines}))
    or (call_type in ('mo', 'mt') and peer_number in (${competitor_hotlines}))
group by ids.line;

-- step: by line and week
insert into usage_week
select
    date '${as_of}',
    usage_day.line,
    coalesce(sum(usage_day.seconds), 0),
    coalesce(sum(usage_day.peers), 0),
    sum(usage_day.cents),
    coalesce(sum(usage_day.bytes), 0),
    count(*) filter (where usage_day.is_active and usage_day.usage_date >= subscribers.activated_on)
from usage_day
inner join ids on usage_day.line = ids.line
inner join subscribers on ids.subscriber_id = subscribers.subscriber_id
group by usage_day.line;

drop table usage_day;

-- step: targets
-- only with enough history
create temp table status_events as
select subscriber_id, status_code, changed_at, changed_at::date as changed_on
from read_parquet('${raw}/subscriber_status_events.parquet')
where changed_at < date '${as_of}' + 1;

create temp table statuses as select * from read_csv('${seeds}/customers/subscriber_statuses.csv');

create temp table activated as
select
    subscribers.*,
    coalesce(statuses.category, 'normal') as status_category
from subscribers
left join (
    select subscriber_id, arg_max(status_code, changed_at) as status_code from status_events group by subscriber_id
) as last_status using (subscriber_id)
left join statuses using (status_code)
where subscribers.activated_on <= date '${as_of}';

create temp table bills as
with last_month as (
    select (date_trunc('month', date '${as_of}' - ${billing_lag_days}) - interval 1 month)::date as m1
),

known as (
    select
        subscriber_id,
        total_fee,
        coalesce(new_service_fee, 0) as new_service_fee,
        datediff('month', bill_month, m1) + 1 as back
    from read_parquet('${raw}/bills.parquet')
    cross join last_month
    where bill_month between (m1 - interval 5 month)::date and m1
        and issued_on <= date '${as_of}'
)

select
    subscriber_id,
    count(*) filter (where back <= 3) as bills_3m,
    sum(total_fee) filter (where back <= 3) as fee_3m,
    count(*) as bills_6m,
    sum(total_fee) as fee_6m,
    count(*) filter (where back <= 4) as bills_4m,
    sum(new_service_fee) filter (where back <= 2) as new_fee_12,
    sum(new_service_fee) filter (where back in (3, 4)) as new_fee_34
from known
group by subscriber_id;

create temp table plan_at_date as
select
    subscriber_id,
    arg_max(to_plan_code, changed_at) filter (where changed_at < date '${as_of}' + 1) as plan_before,
    arg_min(from_plan_code, changed_at) filter (where changed_at >= date '${as_of}' + 1) as plan_after
from read_parquet('${raw}/plan_changes.parquet')
group by subscriber_id;

create temp table memberships as
with groups as (
    select group_id, min_class, is_top_taxpayer
    from read_parquet('${raw}/enterprise_groups.parquet')
    left join read_csv('${seeds}/customers/industries.csv') using (industry_code)
),

classes as (select * from read_csv('${seeds}/customers/group_classes.csv')),

members as (
    select group_id, subscriber_id, min(joined_on) as joined_on, bool_or(member_role = 'key_person') as is_key_person
    from read_parquet('${raw}/group_members.parquet')
    semi join groups using (group_id)
    where joined_on <= date '${as_of}' and (left_on is null or left_on > date '${as_of}')
    group by group_id, subscriber_id
),

sizes as (
    select group_id, count(*) as members
    from members
    inner join activated using (subscriber_id)
    where status_category <> 'left'
    group by group_id
),

classed as (
    select groups.group_id, classes.class_code, classes.rank, classes.is_target_key_person
    from groups
    left join sizes using (group_id)
    inner join classes
        on coalesce(sizes.members, 0) >= coalesce(classes.min_members, 0)
        or groups.min_class = classes.class_code
        or (groups.is_top_taxpayer and classes.class_code = '${top_taxpayer_class}')
    qualify row_number() over (partition by groups.group_id order by classes.rank) = 1
)

select
    subscriber_id,
    bool_or(is_key_person) as is_key_person,
    bool_or(is_key_person and is_target_key_person) as is_target_key_person,
    arg_min({'group_id': group_id, 'class_code': class_code}, {'rank': rank, 'joined_on': joined_on, 'group_id': group_id}) as best
from members
inner join classed using (group_id)
group by subscriber_id;

create temp table targets as
with plans as (select plan_code, monthly_fee from read_parquet('${raw}/plans.parquet')),

tiers as (
    select *, lead(min_arpu) over (order by min_arpu nulls first) as next_min_arpu
    from read_csv('${seeds}/customers/value_tiers.csv')
),

fees as (
    select
        activated.*,
        plans.plan_code as known_plan_code,
        case
            when bills_3m > 0 then (round((fee_3m * 100)::double / bills_3m) / 100)::decimal(18, 2)
            else plans.monthly_fee
        end as arpu_3m
    from activated
    left join bills using (subscriber_id)
    left join plan_at_date using (subscriber_id)
    left join plans on plans.plan_code = coalesce(plan_at_date.plan_before, plan_at_date.plan_after, activated.plan_code)
),

tiered as (
    select
        fees.*,
        coalesce(tiers.tier_code, lowest.tier_code) as value_tier,
        coalesce(tiers.is_target, lowest.is_target) as is_target_tier
    from fees
    left join tiers
        on fees.arpu_3m::double >= coalesce(tiers.min_arpu, '-infinity'::double)
        and fees.arpu_3m::double < coalesce(tiers.next_min_arpu, 'infinity'::double)
    cross join (select * from tiers order by rank desc limit 1) as lowest
)

select
    ids.line,
    tiered.subscriber_id,
    tiered.customer_id,
    tiered.account_id,
    tiered.activated_on,
    tiered.status_category,
    tiered.known_plan_code as plan_code,
    tiered.arpu_3m,
    tiered.value_tier,
    customers.city_code,
    branches.branch_code,
    managers.manager_id,
    case
        when memberships.is_key_person then 'group_key_person'
        when memberships.subscriber_id is not null then 'group_member'
        else 'individual'
    end as customer_class,
    memberships.best.group_id as group_id,
    memberships.best.class_code as group_class
from tiered
inner join ids on tiered.subscriber_id = ids.subscriber_id
left join memberships on tiered.subscriber_id = memberships.subscriber_id
left join read_parquet('${raw}/customers.parquet') as customers on tiered.customer_id = customers.customer_id
left join read_parquet('${raw}/branches.parquet') as branches on customers.branch_code = branches.branch_code
left join read_parquet('${raw}/managers.parquet') as managers on customers.manager_id = managers.manager_id
where tiered.status_category <> 'left'
    and (tiered.is_target_tier or coalesce(memberships.is_target_key_person, false));

-- step: indicators
-- only with enough history
create temp table indicators as
with suspended as (
    select
        targets.line,
        sum(least(coalesce(ends_before, date '9999-12-31'), date '${as_of}' + 1) - greatest(changed_on, date '${as_of}' - 6, activated_on)) as days
    from (
        select
            subscriber_id,
            changed_on,
            arg_max(status_code, changed_at) as status_code,
            lead(changed_on) over (partition by subscriber_id order by changed_on) as ends_before
        from status_events
        group by subscriber_id, changed_on
    ) as periods
    inner join statuses using (status_code)
    inner join targets using (subscriber_id)
    where statuses.category = 'suspended'
        and coalesce(ends_before, date '9999-12-31') > greatest(date '${as_of}' - 6, activated_on)
    group by targets.line
),

stops as (
    select line, count(*) as stops
    from (
        select
            targets.line,
            changed_on,
            status_code,
            coalesce(
                lag(status_code) over (partition by subscriber_id order by changed_at),
                case when changed_on >= activated_on then 'active' end
            ) as previous_code
        from status_events
        inner join targets using (subscriber_id)
    ) as entries
    where status_code = 'suspended_arrears' and previous_code is distinct from status_code and changed_on > date '${as_of}' - 182
    group by line
),

usage as (
    select
        line,
        sum(seconds) filter (where week_end = date '${as_of}') as seconds_now,
        sum(peer_days) filter (where week_end = date '${as_of}') as peer_days_now,
        sum(cents) filter (where week_end = date '${as_of}') as cents_now,
        sum(active_days) filter (where week_end = date '${as_of}') as active_days,
        sum(seconds) filter (where week_end - 6 >= since and week_end < date '${as_of}') as seconds_before,
        sum(peer_days) filter (where week_end - 6 >= since and week_end < date '${as_of}') as peer_days_before,
        sum(cents) filter (where week_end - 6 >= since and week_end < date '${as_of}') as cents_before,
        sum(bytes) filter (where week_end > date '${as_of}' - 28) as bytes_28d
    from usage_week
    inner join (select line, greatest(activated_on, date '${first_feed_day}') as since from targets) as targets using (line)
    where week_end >= date '${as_of}' - 28
    group by line
),

rare as (
    select
        line,
        count(*) filter (where forwards > 0 and usage_date > date '${as_of}' - 7) as forward_days_7d,
        sum(forwards) filter (where usage_date > date '${as_of}' - 28) as forwards_28d,
        sum(forwards) filter (where usage_date > date '${as_of}' - 91) as forwards_91d,
        sum(own_hotline) as own_hotline_calls_182d,
        sum(competitor_hotline) filter (where usage_date > date '${as_of}' - 7) as competitor_hotline_calls_7d,
        sum(competitor_hotline) as competitor_hotline_calls_182d
    from rare_day
    semi join targets using (line)
    where usage_date > date '${as_of}' - 182
    group by line
),

arrears as (
    select subscriber_id, arg_max({'amount': arrears_amount, 'months': arrears_months}, snapshot_on) as last
    from read_parquet('${raw}/arrears_snapshots.parquet')
    where snapshot_on <= date '${as_of}' and snapshot_on > date '${as_of}' - ${arrears_max_age_days}
    group by subscriber_id
),

handsets as (
    select
        subscriber_id,
        case
            when device_models.device_model_code is null then null
            when customised_for in (${competitors}) then 2
            when is_dual_sim then 1
            else 0
        end as handset_risk
    from (
        select subscriber_id, arg_max(device_model_code, first_seen_on) as device_model_code
        from read_parquet('${raw}/devices.parquet')
        where first_seen_on <= date '${as_of}'
        group by subscriber_id
    ) as devices
    left join read_parquet('${raw}/device_models.parquet') as device_models using (device_model_code)
),

complaints as (
    select
        subscriber_id,
        count(*) filter (where ago < 7) as complaints_7d,
        count(*) filter (where ago < 28) as complaints_28d,
        count(*) filter (where ago < 91) as complaints_91d,
        count(*) filter (where ago < 7 and severity = 'severe') as severe_complaints_7d,
        count(*) filter (where ago < 28 and severity = 'severe') as severe_complaints_28d,
        count(*) filter (
            where ago < ${overdue_window_days}
            and due_at < date '${as_of}' + 1
            and (answered_at is null or answered_at >= date '${as_of}' + 1)
        ) as overdue_complaints,
        max(fault_level) filter (where ago < 91) as max_fault_level_91d
    from (
        select *, date '${as_of}' - opened_at::date as ago
        from read_parquet('${raw}/complaints.parquet')
        where opened_at < date '${as_of}' + 1
    ) as opened
    group by subscriber_id
),

care as (
    select subscriber_id, count(*) as contacts
    from read_parquet('${raw}/service_contacts.parquet')
    where purpose = 'care' and contacted_at < date '${as_of}' + 1 and contacted_at::date > date '${as_of}' - 182
    group by subscriber_id
),

contracts as (
    select
        subscriber_id,
        max(ends_on) - date '${as_of}' as days_left,
        max(ends_on) filter (where contract_type = 'fee_amortisation') - date '${as_of}' as amortisation_days_left,
        count(*) filter (
            where contract_type in ('handset_lease', 'business') and ends_on <= date '${as_of}' + ${expiry_horizon_days}
        ) as expiring
    from read_parquet('${raw}/contracts.parquet')
    where starts_on <= date '${as_of}' and ends_on >= date '${as_of}'
    group by subscriber_id
),

services as (
    select
        subscriber_id,
        count(distinct service_code) filter (where service_code in (${new_services}) and started_on > date '${as_of}' - 182) as new_services,
        ${sticky_services_on}
    from read_parquet('${raw}/service_subscriptions.parquet')
    semi join targets using (subscriber_id)
    where started_on <= date '${as_of}'
        and (service_code in (${new_services}) or (service_code in (${sticky_services}) and (ended_on is null or ended_on > date '${as_of}')))
    group by subscriber_id
),

counted as (
    -- Weeks to compare with: those that start after both the activation and the beginning of the feed.
    select
        *,
        greatest(0, least(4, (date '${as_of}' - 6 - greatest(activated_on, date '${first_feed_day}')) // 7)) as weeks
    from targets
)

select
    counted.line,
    coalesce(suspended.days, 0) as suspended_days_7d,
    (counted.status_category = 'closing')::integer as closing_status,
    coalesce(stops.stops, 0) as arrears_suspensions_182d,
    case when weeks >= ${min_counted_weeks} then ${drop(coalesce(seconds_now, 0) * weeks, seconds_before)} end as minutes_drop_4w,
    case when weeks >= ${min_counted_weeks} then ${drop(coalesce(peer_days_now, 0) * weeks, peer_days_before)} end as peer_days_drop_4w,
    case when weeks >= ${min_counted_weeks} then ${drop(coalesce(cents_now, 0) * weeks, cents_before)} end as fee_drop_4w,
    least(7, date '${as_of}' - counted.activated_on + 1) - coalesce(active_days, 0) as idle_days_7d,
    coalesce(forward_days_7d, 0) as forward_days_7d,
    coalesce(forwards_28d, 0) as forwards_28d,
    coalesce(forwards_91d, 0) as forwards_91d,
    coalesce(own_hotline_calls_182d, 0) as own_hotline_calls_182d,
    coalesce(competitor_hotline_calls_7d, 0) as competitor_hotline_calls_7d,
    coalesce(competitor_hotline_calls_182d, 0) as competitor_hotline_calls_182d,
    coalesce(arrears.last.amount, 0) as arrears_amount,
    coalesce(arrears.last.months, 0) as arrears_months,
    case when bills_3m > 0 and fee_6m > 0 then ${share(fee_3m * 100 * bills_6m, fee_6m * 100 * bills_3m)} end as fee_ratio_3m_6m,
    case when bills_4m = 4 then ${drop(new_fee_12 * 100, new_fee_34 * 100)} end as new_service_fee_drop_2m,
    handset_risk,
    coalesce(complaints_7d, 0) as complaints_7d,
    coalesce(complaints_28d, 0) as complaints_28d,
    coalesce(complaints_91d, 0) as complaints_91d,
    coalesce(severe_complaints_7d, 0) as severe_complaints_7d,
    coalesce(severe_complaints_28d, 0) as severe_complaints_28d,
    coalesce(overdue_complaints, 0) as overdue_complaints,
    coalesce(max_fault_level_91d, 0) as max_fault_level_91d,
    coalesce(care.contacts, 0) as care_contacts_182d,
    coalesce(contracts.days_left, 0) as contract_days_left,
    coalesce(contracts.amortisation_days_left, 0) as amortisation_days_left,
    coalesce(contracts.expiring, 0) as expiring_contracts_30d,
    coalesce(services.new_services, 0) as new_services_182d,
    ${sticky_indicators},
    date '${as_of}' - counted.activated_on as tenure_days,
    (counted.customer_class <> 'individual')::integer as group_member
from counted
left join suspended using (line)
left join stops using (line)
left join usage using (line)
left join rare using (line)
left join bills using (subscriber_id)
left join arrears using (subscriber_id)
left join handsets using (subscriber_id)
left join complaints using (subscriber_id)
left join care using (subscriber_id)
left join contracts using (subscriber_id)
left join services using (subscriber_id);

-- step: scores and alerts
-- only with enough history
-- The bands hit, with points: they add up to the scores and explain them.
create or replace table hits as
${band_hits};

create temp table scores as
select
    line,
    sum(points) filter (where scorecard_code = 'core_risk') as core_risk_score,
    sum(points) filter (where scorecard_code = 'core_stability') as core_stability_score,
    sum(points) filter (where scorecard_code = 'churn_traceback') as churn_traceback_score
from (
    select line, scorecard_code, case when family_rule = 'max' then max(points) else sum(points) end as points
    from hits
    group by line, scorecard_code, family_code, family_rule
) as families
group by line;

create temp table levels as
with alert_levels as (select level_code, severity from read_csv('${seeds}/alerts/alert_levels.csv')),

policy as (
    select signal, signal_value, severity
    from read_csv('${seeds}/alerts/alert_policy.csv')
    inner join alert_levels on alert_level = level_code
),

judged as (
    select
        targets.*,
        coalesce(core_risk_score, 0)::integer as core_risk_score,
        coalesce(core_stability_score, 0)::integer as core_stability_score,
        coalesce(churn_traceback_score, 0)::integer as churn_traceback_score,
        coalesce(churn_traceback_score, 0) >= ${traceback_threshold} as is_potential_churner,
        case
            when amortisation_days_left <= last_day(date '${as_of}' + to_months(${commitment_horizon_months})) - date '${as_of}' then 1
            else 2
        end as commitment_risk_level,
        ${conditions}
    from targets
    inner join indicators using (line)
    left join scores using (line)
),

pairs as (
    -- The pairs of scores that occur, so that the rules are looked up once for each.
    select core_risk_score, core_stability_score, coalesce(max(severity), 0) as stability_severity
    from (select distinct core_risk_score, core_stability_score from judged) as pairs
    left join read_csv('${seeds}/alerts/stability_alert_rules.csv') as rules
        on core_risk_score >= coalesce(risk_min, core_risk_score)
        and core_risk_score <= coalesce(risk_max, core_risk_score)
        and core_stability_score >= coalesce(stability_min, core_stability_score)
        and core_stability_score <= coalesce(stability_max, core_stability_score)
    left join alert_levels on rules.alert_level = level_code
    group by core_risk_score, core_stability_score
),

signals as (
    select
        judged.*,
        stability_levels.level_code as stability_alert_level,
        coalesce(early_rules.alert_level, 'none') as early_warning_level,
        coalesce(stability_policy.severity, 0) as by_stability,
        coalesce(early_policy.severity, 0) as by_early_warning,
        coalesce(traceback_policy.severity, 0) as by_traceback
    from judged
    inner join pairs using (core_risk_score, core_stability_score)
    inner join alert_levels as stability_levels on pairs.stability_severity = stability_levels.severity
    left join read_csv('${seeds}/alerts/early_warning_rules.csv') as early_rules
        on judged.commitment_risk_level = early_rules.commitment_risk_level
        and (${any_condition}) = early_rules.has_condition
    left join policy as stability_policy
        on stability_policy.signal = 'stability' and stability_policy.signal_value = stability_levels.level_code
    left join policy as early_policy
        on early_policy.signal = 'early_warning' and early_policy.signal_value = early_rules.alert_level
    left join policy as traceback_policy
        on traceback_policy.signal = 'traceback'
        and traceback_policy.signal_value = case when judged.is_potential_churner then 'potential' else 'none' end
)

select
    signals.* exclude (by_stability, by_early_warning, by_traceback),
    alert_levels.severity,
    alert_levels.level_code as alert_level,
    concat_ws(
        ',',
        case when alert_levels.severity > 0 and by_early_warning = alert_levels.severity then 'early_warning' end,
        case when alert_levels.severity > 0 and by_stability = alert_levels.severity then 'stability' end,
        case when alert_levels.severity > 0 and by_traceback = alert_levels.severity then 'traceback' end
    ) as alert_signals
from signals
inner join alert_levels on alert_levels.severity = greatest(by_stability, by_early_warning, by_traceback);

create table if not exists alerts_of_lines (as_of_date date, line integer, severity integer, weeks integer);

create or replace table alerts as
with compared as (
    select
        levels.*,
        coalesce(before.severity, 0) as severity_before,
        case when levels.severity > 0 then coalesce(before.weeks, 0) + 1 else 0 end as weeks_in_alert
    from levels
    left join alerts_of_lines as before on levels.line = before.line and before.as_of_date = date '${as_of}' - 7
),

ranked as (
    select
        line,
        row_number() over (
            partition by manager_id, case when manager_id is null then branch_code end
            order by
                severity desc,
                core_risk_score + churn_traceback_score - core_stability_score desc,
                arpu_3m desc nulls last,
                subscriber_id
        ) as priority_rank
    from levels
    where severity > 0
)

-- Without bands of branches and cities (bench/floor.py refuses them) both models say the same.
select
    date '${as_of}' as as_of_date,
    date '${as_of}' - 6 as week_start_date,
    compared.* exclude (severity, severity_before, activated_on, status_category),
    case
        when severity = 0 and severity_before = 0 then 'none'
        when severity = 0 then 'cleared'
        when severity_before = 0 then 'new'
        when severity > severity_before then 'escalated'
        when severity < severity_before then 'de_escalated'
        else 'persisting'
    end as alert_state,
    ranked.priority_rank,
    model_scope
from compared
left join ranked using (line)
cross join (values ('base'), ('local')) as scopes (model_scope);

insert into alerts_of_lines
select date '${as_of}', levels.line, levels.severity, alerts.weeks_in_alert
from levels
inner join alerts on levels.line = alerts.line and alerts.model_scope = 'base';
