-- What the days need of a line. A line's share of the records of a day grows with its number's rank: the first lines make several times as many as the last.
create or replace table lines as
select
    idx,
    key,
    subscriber_id,
    activated_on,
    leave_on,
    return_on,
    sign_from,
    anchor_on,
    leaves,
    recover_days,
    usage_fall,
    own_hotline,
    competitor_hotline,
    forwards,
    forwards_always,
    circle_size,
    -- Yuan and megabytes of an ordinary day.
    minute_fee * voice_rate * 0.5 * (95 / 60.0 + 0.5) as voice_yuan,
    record_fee * greatest(data_rate, 0.2) as data_yuan,
    data_mb,
    pow((idx + 1) / count(*) over (), 2 / 3.0) - pow(idx / count(*) over (), 2 / 3.0) as weight
from daily_lives
order by idx;

create or replace macro network_of(peer_key) as case
    when bits(peer_key, 0, 63) < 37 then 'own'
    when bits(peer_key, 0, 63) < 48 then 'unicom'
    when bits(peer_key, 0, 63) < 57 then 'telecom'
    when bits(peer_key, 0, 63) < 58 then 'broadcast'
    when bits(peer_key, 0, 63) < 62 then 'fixed'
    else 'international'
end;

create or replace macro number_of(peer_key) as
    (case when bits(peer_key, 0, 63) < 37 then 19900000000 else 16600000000 end + bits(peer_key, 12, 4194303))::varchar;

-- The closest people of a circle are called most, and now and then a stranger.
create or replace macro peer_of_record(key, circle_size, h) as hash(xor(key, hash(
    case when bits(h, 56, 255) < 20 then 1000 + bits(h, 36, 1048575) else floor(circle_size * slice(h, 36) * slice(h, 36))::bigint end * 8 + 3
)));
