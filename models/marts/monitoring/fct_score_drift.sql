with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }} where is_weekly

),

indicators as (

    select * from {{ ref('indicators_long') }}

),

scores as (

    select * from {{ ref('scores_long') }}

),

drift_reference as (

    select * from {{ ref('drift_reference') }}

),

drift_bounds as (

    select * from {{ ref('drift_bounds') }}

),

-- The distribution of each measure: how many observations have which value.
value_counts as (

    select
        indicators.as_of_date,
        '*' as model_scope,
        'indicator' as measure_kind,
        indicators.indicator_code as measure_code,
        indicators.indicator_value as measure_value,
        count(*) as observations
    from indicators
    inner join as_of_dates on indicators.as_of_date = as_of_dates.as_of_date
    group by indicators.as_of_date, indicators.indicator_code, indicators.indicator_value

    union all

    select
        scores.as_of_date,
        scores.model_scope,
        'score' as measure_kind,
        scores.scorecard_code as measure_code,
        cast(scores.score as double) as measure_value,
        count(*) as observations
    from scores
    inner join as_of_dates on scores.as_of_date = as_of_dates.as_of_date
    group by scores.as_of_date, scores.model_scope, scores.scorecard_code, scores.score

),

totals as (

    select
        as_of_date,
        model_scope,
        measure_kind,
        measure_code,
        sum(observations) as observations
    from value_counts
    group by as_of_date, model_scope, measure_kind, measure_code

),

measures as (

    select distinct
        measure_kind,
        measure_code
    from totals

),

rules as (

    -- A row for the measure itself replaces the one for all others.
    select
        measures.measure_kind,
        measures.measure_code,
        drift_reference.reference_date,
        drift_reference.min_history_days,
        drift_reference.smallest_share,
        row_number() over (
            partition by measures.measure_kind, measures.measure_code
            order by case when drift_reference.measure_code = '*' then 2 else 1 end
        ) as precedence
    from measures
    inner join drift_reference
        on measures.measure_kind = drift_reference.measure_kind
        and drift_reference.measure_code in ('*', measures.measure_code)

),

-- No row while the run holds no such Sunday.
reference_weeks as (

    select
        rules.measure_kind,
        rules.measure_code,
        rules.smallest_share,
        min(as_of_dates.as_of_date) as reference_date
    from rules
    inner join as_of_dates
        on (rules.reference_date is null and as_of_dates.history_days >= rules.min_history_days)
        or rules.reference_date = as_of_dates.as_of_date
    where rules.precedence = 1
    group by rules.measure_kind, rules.measure_code, rules.smallest_share

),

reference_values as (

    select
        value_counts.model_scope,
        value_counts.measure_kind,
        value_counts.measure_code,
        value_counts.measure_value,
        sum(value_counts.observations) over (
            partition by value_counts.model_scope, value_counts.measure_kind, value_counts.measure_code
            order by value_counts.measure_value
            rows between unbounded preceding and current row
        ) as observations_up_to,
        sum(value_counts.observations) over (
            partition by value_counts.model_scope, value_counts.measure_kind, value_counts.measure_code
        ) as all_observations
    from value_counts
    inner join reference_weeks
        on value_counts.measure_kind = reference_weeks.measure_kind
        and value_counts.measure_code = reference_weeks.measure_code
        and value_counts.as_of_date = reference_weeks.reference_date
    where value_counts.measure_value is not null

),

deciles as (

    select decile from (values (1), (2), (3), (4), (5), (6), (7), (8), (9)) as numbers (decile)

),

decile_values as (

    select
        reference_values.model_scope,
        reference_values.measure_kind,
        reference_values.measure_code,
        deciles.decile,
        min(reference_values.measure_value) as decile_value
    from reference_values
    inner join deciles on 10 * reference_values.observations_up_to >= deciles.decile * reference_values.all_observations
    group by reference_values.model_scope, reference_values.measure_kind, reference_values.measure_code, deciles.decile

),

-- Deciles that tie are one edge, and their value a bin of its own: so a move away from it shows on either side.
edges as (

    select
        model_scope,
        measure_kind,
        measure_code,
        decile_value,
        count(*) > 1 as is_tied
    from decile_values
    group by model_scope, measure_kind, measure_code, decile_value

),

-- A bin number only tells bins apart; -1 is the class of missing values.
binned as (

    select
        value_counts.as_of_date,
        value_counts.model_scope,
        value_counts.measure_kind,
        value_counts.measure_code,
        value_counts.measure_value,
        value_counts.observations,
        case
            when value_counts.measure_value is null then -1
            else
                2 * count(case when edges.decile_value < value_counts.measure_value then 1 end)
                + count(case when edges.decile_value = value_counts.measure_value and edges.is_tied then 1 end)
        end as bin_number
    from value_counts
    left join edges
        on value_counts.model_scope = edges.model_scope
        and value_counts.measure_kind = edges.measure_kind
        and value_counts.measure_code = edges.measure_code
        and value_counts.measure_value >= edges.decile_value
    group by
        value_counts.as_of_date,
        value_counts.model_scope,
        value_counts.measure_kind,
        value_counts.measure_code,
        value_counts.measure_value,
        value_counts.observations

),

bin_counts as (

    select
        as_of_date,
        model_scope,
        measure_kind,
        measure_code,
        bin_number,
        sum(observations) as observations
    from binned
    group by as_of_date, model_scope, measure_kind, measure_code, bin_number

),

compared_weeks as (

    select
        totals.as_of_date,
        totals.model_scope,
        totals.measure_kind,
        totals.measure_code,
        totals.observations,
        reference_weeks.reference_date,
        reference_weeks.smallest_share,
        reference_totals.observations as reference_observations
    from totals
    inner join reference_weeks
        on totals.measure_kind = reference_weeks.measure_kind
        and totals.measure_code = reference_weeks.measure_code
        and totals.as_of_date >= reference_weeks.reference_date
    inner join totals as reference_totals
        on reference_weeks.reference_date = reference_totals.as_of_date
        and totals.model_scope = reference_totals.model_scope
        and totals.measure_kind = reference_totals.measure_kind
        and totals.measure_code = reference_totals.measure_code

),

bins_of_either as (

    select as_of_date, model_scope, measure_kind, measure_code, bin_number from bin_counts
    union
    select compared_weeks.as_of_date, bin_counts.model_scope, bin_counts.measure_kind, bin_counts.measure_code, bin_counts.bin_number
    from compared_weeks
    inner join bin_counts
        on compared_weeks.reference_date = bin_counts.as_of_date
        and compared_weeks.model_scope = bin_counts.model_scope
        and compared_weeks.measure_kind = bin_counts.measure_kind
        and compared_weeks.measure_code = bin_counts.measure_code

),

shares as (

    select
        compared_weeks.as_of_date,
        compared_weeks.model_scope,
        compared_weeks.measure_kind,
        compared_weeks.measure_code,
        greatest(
            cast(coalesce(bin_counts.observations, 0) as double) / cast(compared_weeks.observations as double), compared_weeks.smallest_share
        ) as share,
        greatest(
            cast(coalesce(reference_bins.observations, 0) as double) / cast(compared_weeks.reference_observations as double),
            compared_weeks.smallest_share
        ) as reference_share
    from compared_weeks
    inner join bins_of_either
        on compared_weeks.as_of_date = bins_of_either.as_of_date
        and compared_weeks.model_scope = bins_of_either.model_scope
        and compared_weeks.measure_kind = bins_of_either.measure_kind
        and compared_weeks.measure_code = bins_of_either.measure_code
    left join bin_counts
        on bins_of_either.as_of_date = bin_counts.as_of_date
        and bins_of_either.model_scope = bin_counts.model_scope
        and bins_of_either.measure_kind = bin_counts.measure_kind
        and bins_of_either.measure_code = bin_counts.measure_code
        and bins_of_either.bin_number = bin_counts.bin_number
    left join bin_counts as reference_bins
        on compared_weeks.reference_date = reference_bins.as_of_date
        and bins_of_either.model_scope = reference_bins.model_scope
        and bins_of_either.measure_kind = reference_bins.measure_kind
        and bins_of_either.measure_code = reference_bins.measure_code
        and bins_of_either.bin_number = reference_bins.bin_number

),

indices as (

    select
        as_of_date,
        model_scope,
        measure_kind,
        measure_code,
        count(*) as bins,
        {{ six_decimals('sum((share - reference_share) * ln(share / reference_share))') }} as psi
    from shares
    group by as_of_date, model_scope, measure_kind, measure_code

),

reached_bounds as (

    select
        indices.as_of_date,
        indices.model_scope,
        indices.measure_kind,
        indices.measure_code,
        max(drift_bounds.min_psi) as min_psi
    from indices
    inner join drift_bounds on indices.psi >= drift_bounds.min_psi
    group by indices.as_of_date, indices.model_scope, indices.measure_kind, indices.measure_code

)

select
    totals.as_of_date,
    totals.model_scope,
    totals.measure_kind,
    totals.measure_code,
    compared_weeks.reference_date,
    cast(indices.bins as integer) as bins,
    indices.psi,
    -- What the index is on average if both weeks are samples of the same distribution.
    {{ six_decimals('(indices.bins - 1) * (1 / cast(totals.observations as double) + 1 / cast(compared_weeks.reference_observations as double))') }} as psi_by_chance,
    drift_bounds.drift_level,
    cast(totals.observations as bigint) as observations,
    cast(compared_weeks.reference_observations as bigint) as reference_observations
from totals
left join compared_weeks
    on totals.as_of_date = compared_weeks.as_of_date
    and totals.model_scope = compared_weeks.model_scope
    and totals.measure_kind = compared_weeks.measure_kind
    and totals.measure_code = compared_weeks.measure_code
left join indices
    on totals.as_of_date = indices.as_of_date
    and totals.model_scope = indices.model_scope
    and totals.measure_kind = indices.measure_kind
    and totals.measure_code = indices.measure_code
left join reached_bounds
    on indices.as_of_date = reached_bounds.as_of_date
    and indices.model_scope = reached_bounds.model_scope
    and indices.measure_kind = reached_bounds.measure_kind
    and indices.measure_code = reached_bounds.measure_code
left join drift_bounds on reached_bounds.min_psi = drift_bounds.min_psi
