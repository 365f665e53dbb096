-- What rules start from, prepared once so that no rule scans every row (DESIGN 5).
create table target as
with counted as (
    select r.file, c.key, arg_min(r.customer_id, r.line) as customer_id, min(r.line) as line, count(*) as rows
    from _row r join _customer c on c.text = r.customer_id
    where c.key <> ''
    group by r.file, c.key
),
judged as (
    select *, regexp_full_match(key, getvariable('customer_pattern')) or key in (select customer_key from customer) as good
    from counted
)
select
    f.path, j.key as customer_key, j.customer_id, j.line, j.rows,
    row_number() over (partition by j.file order by j.good desc, j.rows desc, j.line) = 1 as main,
    j.good
from judged j join file f on f.id = j.file;

create table suspect as
select r.*
from row r left join target t on t.path = r.path and t.main
where getvariable('all_suspect')
    or not regexp_full_match(r.serial, '(?:[0-9A-RT-Z][0-9A-Z]{2}|S[0-9ABD-Z][0-9A-Z]|SC[0-9A-CE-FH-Z])[0-9](?:0[1-9]|[1-4][0-9]|5[0-3])[0-9B-DF-HJ-NP-TV-Z]{4}')
    or r.serial_kind <> 'text'
    or r.customer_kind <> 'text'
    or r.customer_key is distinct from t.customer_key
    or not regexp_full_match(r.customer_id, '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}');

create table again as
with twice as (
    select r.serial_key
    from _row r join file f on f.id = r.file
    where r.serial_key <> '' and (f.checked or (f.open and f.tracked))
    group by r.serial_key having count(*) > 1
)
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind, f.checked, f.open, f.tracked
from _row r join twice using (serial_key) join file f on f.id = r.file join _customer c on c.text = r.customer_id
where f.checked or (f.open and f.tracked);
