-- What rules start from, prepared once so that no rule scans every row (DESIGN 5).
create table target as
with counted as (
    select u.file, c.key, arg_min(u.customer_id, u.line) as customer_id, min(u.line) as line, sum(u.rows)::bigint as rows
    from _use u join _customer c on c.text = u.customer_id
    where c.key <> ''
    group by u.file, c.key
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

-- Rows whose Customer ID is neither clean nor the file's target, and rows whose serial is not plain.
create table suspect as
with doubtful as (
    select u.file, u.customer_id
    from _use u join _customer c on c.text = u.customer_id join file f on f.id = u.file
    left join target t on t.path = f.path and t.main
    where getvariable('all_suspect') or not c.clean or c.key is distinct from t.customer_key
),
chosen as (
    select l.file, l.line, l.serial, l.customer_id, l.serial_kind, l.customer_kind, l.serial as serial_key
    from _line l join doubtful d on d.file = l.file and d.customer_id = l.customer_id where l.plain
    union all
    select file, line, serial, customer_id, serial_kind, customer_kind, serial_key from _odd where role = 'device'
)
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind
from chosen r join file f on f.id = r.file join _customer c on c.text = r.customer_id
where f.checked;

create table again as
with twice as (
    select serial_key from _row group by serial_key having count(*) > 1
)
select r.* from _named_row r join twice using (serial_key) where serial_key <> '';
