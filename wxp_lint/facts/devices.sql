-- Each device where its newest export saw it; exports of the same age both stay (their ages may be unknown).
insert into place
select coalesce(p.place, 'by customer column'), p.customer_key, null, p.as_of, (select count(*) from _device d where d.source = p.number)
from _place p;

insert into device
with placed as (
    select
        d.serial_key, d.serial,
        case when p.place is not null then p.customer_key
            when nullif(d.customer, '') is null or _key(d.customer) in ('UNASSIGNED', 'UNASSIGNEDDEVICES') then null
            else coalesce(c.customer_key, _key(d.customer)) end as customer_key,
        case when p.place is not null then p.place
            when nullif(d.customer, '') is null or _key(d.customer) in ('UNASSIGNED', 'UNASSIGNEDDEVICES') then 'Unassigned'
            else coalesce(c.name, d.customer) end as place,
        d.device_name, d.last_user, d.last_seen, coalesce(d.as_of, p.as_of) as as_of
    from _device d
    join _place p on p.number = d.source
    left join customer c
        on p.place is null and _key(d.customer) in (c.customer_key, _key(c.name), _key(c.folder))
)
select distinct on (serial_key, place) * from placed
qualify coalesce(as_of, '-infinity'::date) = max(coalesce(as_of, '-infinity'::date)) over (partition by serial_key);

create table unseen as
select r.* from row r anti join device d on d.serial_key = r.serial_key where r.serial_key <> '';
