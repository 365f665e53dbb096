-- Only the most likely, and none if they are many: a list of twenty helps nobody. What a row names already is not meant.
-- They are told in their comparison form, which is how they are to be written, whatever blanks and case a list has.
insert into near
with likely as (
    select serial_key, variant, any_value(cost) as cost
    from _near anti join _row on _row.serial_key = _near.variant
    group by serial_key, variant
    qualify any_value(cost) = min(any_value(cost)) over (partition by serial_key)
)
select serial_key, variant from likely qualify count(*) over (partition by serial_key) <= 3;
drop table _variant;
drop table _near;
