-- Networks of the people one talks to: 1 is the own network, then as in network_names.
SET VARIABLE network_draw = [
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6
];
SET VARIABLE network_names = ['own', 'unicom', 'telecom', 'broadcast', 'fixed', 'international'];
SET VARIABLE network_blocks = [0, 16600000000, 17700000000, 19200000000, 99900000000, 99990000000]::BIGINT[];
SET VARIABLE service_lines = ['10086', '10010', '10000', '10099'];
SET VARIABLE busy_hours = ${busy_hours}::BIGINT[];

-- The lines that live in some part of a week, with what stays the same during the week.
-- week_no and the names of the day come from generator.py.
CREATE OR REPLACE TEMP TABLE this_week AS
WITH present AS (
    SELECT
        *,
        hash(xor(key, hash(${week_no}::BIGINT * 8 + 2))) AS week_key
    FROM daily_lives
    -- Four days of grace for the records that carry a date before the activation.
    WHERE activated_on - 4 <= DATE '${week_end}'
        AND (leave_on IS NULL OR leave_on > DATE '${week_start}' OR return_on <= DATE '${week_end}')
)

SELECT
    * EXCLUDE (week_key),
    exp(${usage_week_sigma} * gauss(week_key, 'pace'))
    * CASE WHEN unit(week_key, 'quiet') < ${usage_quiet_week_share} THEN ${usage_quiet_week_factor} ELSE 1 END AS week_pace
FROM present
ORDER BY idx;
