-- Of what the lists say of one row, the newest stays; places that are equally fresh stay side by side, and two ages that are
-- not known are equally fresh. A
-- transfer that the ledger confirms counts as newer than lists of the same day.
create temp table _several as select file, line from _seen group by all having count(*) > 1;

create table _settled as
with dated as (
    select s.*, p.place, p.moved, coalesce(s.as_of, p.as_of, '-infinity'::date) as age
    from _seen s semi join _several m on m.file = s.file and m.line = s.line
    join _place p on p.source = s.source and p.customer = s.customer
),
newest as (
    select * from dated qualify rank() over (partition by file, line order by age desc, moved desc) = 1
),
one as (
    select distinct on (file, line, place) * from newest order by last_seen desc nulls last, source
)
select * from _seen s anti join _several m on m.file = s.file and m.line = s.line
union all by name
select * exclude (place, moved, age) replace (count(*) over (partition by file, line)::smallint as places) from one;

drop table _seen;
drop table _several;
alter table _settled rename to _seen;
