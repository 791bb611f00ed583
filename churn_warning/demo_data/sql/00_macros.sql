-- Pseudo-random numbers that depend on (key, salt) only: never on the order of rows or the number of threads.
-- hash() of one integer is well mixed; two hashes joined by xor are not, hence the outer hash.
CREATE OR REPLACE MACRO unit(k, salt) AS (hash(xor(k, hash(salt))) >> 11)::DOUBLE / 9007199254740992.0;

CREATE OR REPLACE MACRO gauss(k, salt) AS
    sqrt(-2 * ln(1 - unit(k, salt))) * cos(2 * pi() * unit(xor(k, 7046029254386353131::UBIGINT), salt));

CREATE OR REPLACE MACRO whole(k, salt, lowest, highest) AS
    (lowest + floor(unit(k, salt) * (highest - lowest + 1)))::INTEGER;

-- A key for a part of a life: a month, a service, the n-th complaint.
CREATE OR REPLACE MACRO part_key(k, part) AS hash(xor(k, hash(part::BIGINT * 2 + 1)));

CREATE OR REPLACE MACRO clamp(x, low, high) AS greatest(low, least(high, x));

CREATE OR REPLACE MACRO office_hours(k, salt, day) AS
    day::TIMESTAMP + to_seconds(whole(k, salt, 32400, 64799));

CREATE OR REPLACE MACRO money(x) AS round(x, 2)::DECIMAL(18, 2);

-- Three independent numbers out of one hash: bits 0-19, 20-39 and 40-59.
CREATE OR REPLACE MACRO slice(h, shift) AS ((h >> shift) & 1048575)::DOUBLE / 1048576;

-- How far a person is into an episode: from 0 to 1 at its anchor, then back to 0 for those who stay.
CREATE OR REPLACE MACRO sign_depth(day, sign_from, anchor_on, leaves, recover_days) AS
    CASE
        WHEN sign_from IS NULL OR day < sign_from THEN 0
        WHEN day <= anchor_on THEN (day - sign_from + 1)::DOUBLE / (anchor_on - sign_from + 1)
        WHEN leaves THEN 0
        ELSE greatest(0, 1 - (day - anchor_on)::DOUBLE / recover_days)
    END;

-- A piece of a hash as a whole number. BIGINT, because UBIGINT and INTEGER together become slow HUGEINT.
CREATE OR REPLACE MACRO bits(h, shift, mask) AS ((h >> shift) & mask)::BIGINT;

-- The lists are variables (set in 30_week.sql), because lists written out make every statement slow to plan.
CREATE OR REPLACE MACRO network_no(peer_key) AS getvariable('network_draw')[1 + bits(peer_key, 0, 63)];

CREATE OR REPLACE MACRO network_name(network_no) AS getvariable('network_names')[network_no];

-- Made-up numbers: an own one belongs to a line of this operator, the others lie in small blocks.
CREATE OR REPLACE MACRO peer_digits(peer_key, network_no, idx) AS
    CASE
        WHEN network_no = 1 THEN 19900000000 + (idx + 1 + bits(peer_key, 12, 4294967295) % ${other_subscribers}) % ${subscribers}
        ELSE getvariable('network_blocks')[network_no] + bits(peer_key, 12, 1048575)
    END;

-- The n-th friend of a circle; a negative n is the owner's other number.
CREATE OR REPLACE MACRO peer_of(key, n) AS hash(xor(key, hash(n::BIGINT * 8 + 3)));

-- A moment of the day: six bits for the hour, twelve for the place in the hour.
CREATE OR REPLACE MACRO clock_time(day_start_us, h) AS
    make_timestamp(
        day_start_us
        + (getvariable('busy_hours')[1 + bits(h, 0, 63)] * 3600 + bits(h, 6, 4095) * 3600 // 4096) * 1000000
    );

-- copy_count rows for every copy_count: a join with it writes a row several times.
CREATE TABLE copies AS
SELECT c.copy_count, n.copy_no
FROM range(1, 200) AS c (copy_count)
CROSS JOIN range(200) AS n (copy_no)
WHERE n.copy_no < c.copy_count
ORDER BY copy_count, copy_no;
