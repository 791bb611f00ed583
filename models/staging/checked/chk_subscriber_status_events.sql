-- depends_on: {{ ref('stg_subscribers') }}
-- depends_on: {{ ref('subscriber_statuses') }}
{{ checked_rows('subscriber_status_events') }}
