-- Every text one edit away from an unseen serial: substitution, insertion, deletion, transposition. Generated from the
-- unseen side, so that a million devices are only probed, never expanded.
create temp table _variant as
with missing as (
    select distinct serial_key as k from unseen where length(serial_key) between 4 and 20 order by k limit 1000
),
letter as (
    select unnest(string_split('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', '')) as c
),
spot as (
    select k, unnest(range(1, length(k) + 2)) as i from missing
),
edited as (
    select k, k[:i - 1] || c || k[i + 1:] as variant from spot, letter where i <= length(k)
    union all
    select k, k[:i - 1] || c || k[i:] from spot, letter
    union all
    select k, k[:i - 1] || k[i + 1:] from spot where i <= length(k)
    union all
    select k, k[:i - 1] || k[i + 1] || k[i] || k[i + 2:] from spot where i < length(k)
)
select distinct k as serial_key, variant from edited where variant <> k;
