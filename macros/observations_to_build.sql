{#- Observations are built once and kept. A run builds those whose inputs have changed since: all of some dates (int_dates_to_build), and of other dates some
    lines (int_lines_to_build). Tables tagged built_by_date keep all observations; a run replaces those that it builds. -#}

{#- Deletes from a table that is built by date what is about to be built, and dates that do not belong to it (any more). -#}
{%- macro delete_observations_to_build() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where as_of_date not in (select as_of_date from {{ relation_of('int_as_of_dates') }})
        or as_of_date in (select as_of_date from {{ relation_of('int_dates_to_build') }} where is_whole);
    delete from {{ this }} using {{ relation_of('int_lines_to_build') }} as lines
    where {{ this }}.subscriber_id = lines.subscriber_id
        and {{ this }}.as_of_date >= lines.build_from;
    {%- endif -%}
{%- endmacro -%}

{#- The same for a table of which whole dates are built. -#}
{%- macro delete_dates_to_build() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where as_of_date not in (select as_of_date from {{ relation_of('int_as_of_dates') }})
        or as_of_date in (select as_of_date from {{ relation_of('int_dates_to_build') }})
    {%- endif -%}
{%- endmacro -%}

{#- Facts that are no longer so. -#}
{%- macro delete_facts_gone() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where fact_hash in (select fact_hash from {{ relation_of('int_changed_facts') }} where not is_new)
    {%- endif -%}
{%- endmacro -%}

{#- What may change of alerts that are not built again: their place among others that are, and whether a feed of their week is (still) short. -#}
{%- macro update_dates_to_build() -%}
    {%- if is_incremental() -%}
    update {{ this }} set priority_rank = ranks.priority_rank
    from {{ relation_of('alert_ranks') }} as ranks
    where {{ this }}.as_of_date = ranks.as_of_date
        and {{ this }}.subscriber_id = ranks.subscriber_id
        and {{ this }}.model_scope = ranks.model_scope
        and {{ this }}.priority_rank <> ranks.priority_rank
        and ranks.as_of_date in (select as_of_date from {{ relation_of('int_dates_to_build') }} where not is_whole);
    update {{ this }} set is_provisional = not is_provisional
    where is_provisional <> (as_of_date in (select as_of_date from {{ relation_of('int_feed_gaps') }}));
    {%- endif -%}
{%- endmacro -%}

{#- A kept table of targets, or of it only the observations that this run builds. All of it where its SQL is tested, and where the SQL is to score other
    weights elsewhere. -#}
{%- macro of_this_build(relation) -%}
    {%- if is_being_built() -%}
    {{ relation }}
    where (as_of_date, subscriber_id) in (
        select as_of_date, subscriber_id from {{ relation_of('int_observations_to_build') }} where is_target and {{ is_in_part('as_of_date') }}
    ) and {{ is_in_part('as_of_date') }}
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro -%}

{#- The same by whole dates. -#}
{%- macro dates_of_this_build(relation) -%}
    {%- if is_being_built() -%}
    {{ relation }} where as_of_date in (select as_of_date from {{ relation_of('int_dates_to_build') }}) and {{ is_in_part('as_of_date') }}
    {%- else -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro -%}

{#- For tests: the rows of a kept table that the run has built, whole dates and single observations. Older ones were tested when they were built. -#}
{%- macro of_built_observations(relation) -%}
    (
        select * from {{ relation }}
        where as_of_date in (select as_of_date from {{ ref('int_dates_to_build') }} where is_whole)
        union all
        select * from {{ relation }}
        where as_of_date not in (select as_of_date from {{ ref('int_dates_to_build') }} where is_whole)
            and (as_of_date, subscriber_id) in (select as_of_date, subscriber_id from {{ ref('int_observations_to_build') }})
    )
{%- endmacro -%}

{%- macro is_being_built() -%}
    {{ return(execute and model.resource_type == 'model' and flags.WHICH in ['build', 'run']) }}
{%- endmacro -%}

{#- A hash of everything that turns staged tables into alerts, but for the rows of scorecard_bands, of which each date has its own. If it is another one than
    at the last build, all observations are built anew. -#}
{%- macro observation_rules_hash() -%}{{ return(adapter.dispatch('observation_rules_hash', 'churn_warning')()) }}{%- endmacro -%}

{%- macro default__observation_rules_hash() -%}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set parts = [var('business_timezone'), hash_of_macros()] -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') -%}
        {%- if (node.resource_type == 'model' or (node.resource_type == 'seed' and node.name != 'scorecard_bands')) and 'monitoring' not in node.fqn -%}
            {%- do parts.append(node.checksum.checksum) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro -%}
