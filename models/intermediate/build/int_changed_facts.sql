-- Facts that came, went or changed since the last finished build; a changed one is one that went and one that came.
with facts as (

    select * from {{ ref('int_facts') }}

),

built_facts as (

    select * from {{ source('last_build', 'built_facts') }}

)

select
    coalesce(facts.scope_type, built_facts.scope_type) as scope_type,
    coalesce(facts.scope_key, built_facts.scope_key) as scope_key,
    coalesce(facts.holds_from, built_facts.holds_from) as holds_from,
    coalesce(facts.fact_hash, built_facts.fact_hash) as fact_hash,
    facts.fact_hash is not null as is_new
from facts
full outer join built_facts on facts.fact_hash = built_facts.fact_hash
where facts.fact_hash is null
    or built_facts.fact_hash is null
