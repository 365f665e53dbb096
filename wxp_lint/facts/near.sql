-- Every text one edit away from an unseen serial: substitution, insertion, deletion, transposition. Generated from the
-- unseen side, so that a million devices are only probed, never expanded. Cost 0 is what people do most: two characters
-- swapped, one left out or doubled, or taken for one that looks like it.
create temp table _variant as
with missing as (
    select distinct serial_key as k from unseen where length(serial_key) between 4 and 20 order by k limit 500
),
letter as (
    select unnest(string_split('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', '')) as c
),
spot as (
    select k, unnest(range(1, length(k) + 2)) as i from missing
),
edited as (
    select k, k[:i - 1] || c || k[i + 1:] as variant,
        if(translate(c, 'OQDILBSZG', '000118526') = translate(k[i], 'OQDILBSZG', '000118526'), 0, 1) as cost
    from spot, letter where i <= length(k)
    union all
    select k, k[:i - 1] || c || k[i:], 0 from spot, letter
    union all
    select k, k[:i - 1] || k[i + 1:], 0 from spot where i <= length(k)
    union all
    select k, k[:i - 1] || k[i + 1] || k[i] || k[i + 2:], 0 from spot where i < length(k)
)
select k as serial_key, variant, min(cost) as cost from edited where variant <> k group by all;

create temp table _near (serial_key varchar, variant varchar, cost integer);
