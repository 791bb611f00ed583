-- Each sticky service is an indicator, so each has its name and its reason sentence. A warning only: a service marked
-- sticky without a row in seed indicators earns no points until it has one.
{{ config(severity='warn') }}

select
    services.service_code,
    concat('sticky_', services.service_code) as missing_indicator_code
from {{ ref('services') }} as services
left join {{ ref('indicators') }} as indicators
    on concat('sticky_', services.service_code) = indicators.indicator_code
where services.is_sticky
    and indicators.indicator_code is null
