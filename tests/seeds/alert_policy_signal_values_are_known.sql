-- A policy row can only match a value that its signal takes: a level of the stability alert or the early warning,
-- potential of the trace-back, a zone of the value-churn model.
select *
from {{ ref('alert_policy') }}
where not (
    (signal in ('stability', 'early_warning') and signal_value in ('red', 'yellow', 'blue', 'none'))
    or (signal = 'traceback' and signal_value = 'potential')
    or (signal = 'value_churn' and signal_value in ('blue', 'green', 'yellow', 'red', 'white'))
)
