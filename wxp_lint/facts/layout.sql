-- The records below each file's header are in `_line`; a kind is null there where the text tells it, as in a CSV. Those that are not plain (a serial in the strict form and any
-- Customer ID) get their key and role in `_odd`, so that the common row costs no second pass; Customer IDs, of which a
-- file has few, are judged once a text in `_customer`.
create table _odd (
    file integer, line integer, serial varchar, customer_id varchar, serial_kind kind, customer_kind kind,
    serial_key varchar, customer_key varchar, role varchar
);

-- when: select 1 from _line where not plain limit 1
insert into _odd
select
    l.file, l.line, l.serial, l.customer_id,
    coalesce(l.serial_kind, if(l.serial = '', 'empty', 'text')::kind) as serial_kind,
    coalesce(l.customer_kind, if(l.customer_id = '', 'empty', 'text')::kind) as customer_kind,
    coalesce(s.key, _key(l.serial)) as serial_key,
    coalesce(c.key, _key(l.customer_id)) as customer_key,
    case
        when serial_key = '' and customer_key = '' then if(coalesce(l.extra, false), 'note', 'blank')
        when _word(serial_key) in (select word from _header_word where field = 'serial')
            and (customer_key = '' or _word(customer_key) in (select word from _header_word where field = 'customer_id'))
            or _key(l.serial) = _key(f.header_serial) and _key(l.customer_id) = _key(f.header_customer)
            then 'header'
        else 'device'
    end as role
from _line l join file f on f.id = l.file left join _fold s on s.text = l.serial left join _fold c on c.text = l.customer_id
where not l.plain;

create view _row as
select file, line, serial, customer_id, 'text'::kind as serial_kind, 'text'::kind as customer_kind, serial as serial_key
from _line where plain
union all
select file, line, serial, customer_id, serial_kind, customer_kind, serial_key from _odd where role = 'device';

create table _twice as
select serial_key from _row where serial_key <> '' group by serial_key having count(*) > 1;

create table _use as
select
    file, customer_id, count(*) as rows, min(line) as line, min(line) filter (customer_kind = 'text') as text_line
from _row group by file, customer_id;

create table _customer as
select
    u.text, coalesce(c.key, _key(u.text)) as key,
    regexp_full_match(u.text, '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}') as clean
from (select distinct customer_id as text from _use) u left join _fold c on c.text = u.text;

update file set rows = counted.rows
from (select file, sum(rows)::bigint as rows from _use group by file) counted
where counted.file = file.id;

create view _named_row as
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind, f.checked, f.open, f.tracked
from _row r join file f on f.id = r.file join _customer c on c.text = r.customer_id;

create view row as select * exclude (checked, open, tracked) from _named_row where checked;
create view repo_row as select * exclude (checked, open, tracked) from _named_row where open and tracked;

-- when: select 1 from _odd where role in ('header', 'blank') limit 1
insert into cell
select f.path, o.line, 1, null, o.serial, o.role, o.customer_id
from _odd o join file f on f.id = o.file
where o.role = 'header'
    or (o.role = 'blank' and o.line < (select max(u.last) from (select file, max(line) as last from _row group by file) u where u.file = o.file));
