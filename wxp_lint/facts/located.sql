-- From `_seen` and `_place` to what rules read, once all that is said of a row is equally fresh.
insert into located
with counted as (
    select s.file, p.place, p.customer_key, p.place_key, sum(s.rows)::bigint as rows
    from (select file, source, customer, count(*) as rows from _seen where places = 1 group by all) s
    join _place p on p.source = s.source and p.customer = s.customer
    group by all
)
select f.path, c.place, c.customer_key, c.rows, count(*) over (partition by f.id), c.place_key
from counted c join file f on f.id = c.file
where f.checked
order by f.path, c.rows desc, c.place;

insert into place
select p.place, p.customer_key, p.path, coalesce(max(s.as_of), p.as_of), coalesce(sum(s.devices), 0)::bigint
from _place p left join (
    select source, customer, max(as_of) as as_of, count(*) as devices from _seen where shown group by all
) s on s.source = p.source and s.customer = p.customer
group by p.place, p.customer_key, p.path, p.as_of
order by p.path, p.place;

drop table device;
create view device as
select
    s.serial_key, s.serial_key as serial, p.customer_key, p.place, s.device_name, s.last_user, s.last_seen,
    coalesce(s.as_of, p.as_of) as as_of, p.place_key, s.places
from _seen s join _place p on p.source = s.source and p.customer = s.customer
where s.shown;

insert into unseen
select r.* from row r semi join (
    select f.path, s.line from _seen s join file f on f.id = s.file where s.source is null
) s on s.path = r.path and s.line = r.line;
