-- A policy row can only match a value that its signal takes: a level of the stability alert or the early warning,
-- potential of the trace-back, a zone of the value-churn model.
select *
from {{ ref('alert_policy') }}
where
    case
        when signal in ('stability', 'early_warning') then signal_value not in ('red', 'yellow', 'blue', 'none')
        when signal = 'traceback' then signal_value <> 'potential'
        when signal = 'value_churn' then signal_value not in ('blue', 'green', 'yellow', 'red', 'white')
        else true
    end
