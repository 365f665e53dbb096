-- The inventory, empty at first. `_place` is what a list, or a text in its customer column, stands for; `path` is the list's; moved: the
-- ledger says so, which on one day is newer than any list.
create table _place (
    source integer, customer varchar, place varchar, customer_key varchar, place_key varchar, path varchar, as_of date,
    moved boolean
);
-- Beside DESIGN's columns: place_key is the key of the Customer ID that would move it there, places in how many it is.
create table device (
    serial_key varchar, serial varchar, customer_key varchar, place varchar, device_name varchar, last_user varchar,
    last_seen timestamp, as_of date, place_key varchar, places smallint
);
-- devices: how many of those that rows name are there. as_of: in a run on named files, git is asked for it only if lists
-- disagree.
create table place (place varchar, customer_key varchar, source varchar, as_of date, devices bigint);
create table near (serial_key varchar, serial varchar);
create table unseen (
    path varchar, line integer, serial varchar, customer_id varchar, serial_key varchar, customer_key varchar,
    serial_kind varchar, customer_kind varchar
);
-- rows: those whose device is there and nowhere else; places: how many the file has; last_seen: the latest of its devices.
create table located (
    path varchar, place varchar, customer_key varchar, rows bigint, places bigint, place_key varchar, last_seen timestamp
);
-- The domains of the last users, by file, and of how many of its devices.
create table last_user (path varchar, domain varchar, devices bigint);
