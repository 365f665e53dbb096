-- The records below each file's header, laid out once. `_line` is all of them; those that are not plain (a serial in
-- the strict form and any Customer ID) get their keys and role in `_odd`, so the common row costs no second pass.
create table _customer as
with texts as (
    select distinct customer_id as text from _line
)
select t.text, coalesce(k.key, _key(t.text)) as key
from texts t left join _fold k on k.text = t.text;

create table _odd as
select
    l.file, l.line, l.serial, l.customer_id, l.serial_kind, l.customer_kind, coalesce(k.key, _key(l.serial)) as serial_key,
    case
        when serial_key = '' and c.key = '' then case when l.extra then 'note' else 'blank' end
        when list_contains(getvariable('serial_words'), _word(serial_key))
            and (c.key = '' or list_contains(getvariable('customer_words'), _word(c.key))) then 'header'
        else 'device'
    end as role
from _line l join _customer c on c.text = l.customer_id left join _fold k on k.text = l.serial
where not l.plain;

create view _row as
select file, line, serial, customer_id, serial_kind, customer_kind, serial as serial_key from _line where plain
union all
select file, line, serial, customer_id, serial_kind, customer_kind, serial_key from _odd where role = 'device';

update file set rows = counted.rows
from (select file, count(*) as rows from _row group by file) counted
where counted.file = file.id;

create view row as
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind
from _row r join file f on f.id = r.file join _customer c on c.text = r.customer_id
where f.checked;

create view repo_row as
select
    f.path, r.line, r.serial, r.customer_id, r.serial_key, c.key as customer_key,
    r.serial_kind::varchar as serial_kind, r.customer_kind::varchar as customer_kind
from _row r join file f on f.id = r.file join _customer c on c.text = r.customer_id
where f.open and f.tracked;

insert into cell
select f.path, o.line, 1, null, o.serial, o.role, o.customer_id
from _odd o join file f on f.id = o.file
where o.role = 'header'
    or (o.role = 'blank' and o.line < (select max(r.line) from _row r where r.file = o.file));
