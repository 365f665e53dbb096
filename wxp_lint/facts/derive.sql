-- What rules start from, prepared once so that no rule scans every row (DESIGN 5).
create temp view _merged as
select f.id as file, c.line
from cell c join file f on f.path = c.path
where c.kind = 'merged' and c.field = 'customer_id';

-- when: select 1 from _merged limit 1
update _use set text_line = l.line
from (
    select r.file, r.customer_id, min(r.line) filter (r.customer_kind = 'text' and m.line is null) as line
    from _row r
    join (select distinct file from _merged) f on f.file = r.file
    left join _merged m on m.file = r.file and m.line = r.line
    group by r.file, r.customer_id
) l
where l.file = _use.file and l.customer_id = _use.customer_id;

-- text_line: the first line where it stands as plain text, null if every such cell is a formula, a number, merged or the
-- like: rules about those cells speak of them.
create table target as
with counted as (
    select
        u.file, c.key, arg_min(u.customer_id, u.line) as customer_id, min(u.line) as line, sum(u.rows)::bigint as rows,
        min(u.text_line) as text_line
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
    j.good, j.text_line, false as pin
from judged j join file f on f.id = j.file;

-- pin: it looks like a company PIN, which is random, so mixed case alone is not enough (Fabrikam, McDonald), but needs a
-- digit, or a capital after a small letter twice.
-- when: select 1 from target where not good limit 1
update target set pin = true
from (
    select distinct f.path, c.key as customer_key
    from _use u join _customer c on c.text = u.customer_id join file f on f.id = u.file
    where length(_bare(c.text)) = getvariable('pin_length')
        and regexp_full_match(_bare(c.text), '[A-Za-z0-9]+')
        and regexp_matches(c.text, '[a-z]') and regexp_matches(c.text, '[A-Z]')
        and (regexp_matches(c.text, '[0-9]') or regexp_matches(c.text, '[a-z][A-Z].*[a-z][A-Z]'))
) secret
where target.path = secret.path and target.customer_key = secret.customer_key and not target.good
    and target.customer_key not in (
        select unnest(name_keys) from customer union all select _key(folder) from customer where folder is not null
    );

-- Rows whose Customer ID is neither clean nor the file's target, and rows whose serial is not plain.
create table suspect (
    path varchar, line integer, serial varchar, customer_id varchar, serial_key varchar, customer_key varchar,
    serial_kind varchar, customer_kind varchar
);

-- when: select 1 from _odd union all select 1 from _customer where not clean union all select 1 from target where not main union all select 1 where getvariable('all_suspect') limit 1
insert into suspect
with doubtful as (
    select u.file, u.customer_id
    from _use u join _customer c on c.text = u.customer_id join file f on f.id = u.file
    left join target t on t.path = f.path and t.main
    where getvariable('all_suspect') or not c.clean or c.key is distinct from t.customer_key
),
chosen as (
    select l.file, l.line, l.serial, l.customer_id, 'text'::kind as serial_kind, 'text'::kind as customer_kind,
        l.serial as serial_key
    from _line l join doubtful d on d.file = l.file and d.customer_id = l.customer_id where l.plain
    union all
    select file, line, serial, customer_id, serial_kind, customer_kind, serial_key from _odd where role = 'device'
)
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind
from chosen r join file f on f.id = r.file join _customer c on c.text = r.customer_id
where f.checked;

-- target_key: where the row moves its PC. Its own Customer ID if that is one, else, being a slip, the file's target; null
-- without a Customer ID.
create table again (
    path varchar, line integer, serial varchar, customer_id varchar, serial_key varchar, customer_key varchar,
    serial_kind varchar, customer_kind varchar, checked boolean, open boolean, tracked boolean, target_key varchar
);

-- when: select 1 from _twice limit 1
insert into again
select r.*, case when t.good then t.customer_key when t.path is not null then m.customer_key end as target_key
from _named_row r
join _twice using (serial_key)
left join target t on t.path = r.path and t.customer_key = r.customer_key
left join target m on m.path = r.path and m.main;
