-- The feeds without which nothing can be said about anybody cannot be declared absent.
select *
from {{ ref('feed_expectations') }}
where table_name in ('customers', 'accounts', 'subscribers', 'branches', 'voice_cdrs')
    and not is_provided
