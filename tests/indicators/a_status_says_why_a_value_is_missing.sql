-- Known goes with a value and every other status with none.
select
    as_of_date,
    subscriber_id,
    indicator_code,
    indicator_value,
    indicator_status
from {{ ref('indicators_to_build') }}
where (indicator_value is null) = (indicator_status = 'known')
    or indicator_status not in ('known', 'unknown', 'too_early', 'nothing_to_compare', 'feed_absent')
