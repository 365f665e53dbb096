-- The facts that rules read (DESIGN 5). Names with a leading underscore are the storage behind them.
create type kind as enum ('text', 'number', 'date', 'boolean', 'formula', 'error', 'empty');
create table file (
    id integer, path varchar, folder varchar, format varchar, encoding varchar, newline varchar, bom boolean,
    delimiter varchar, sheet varchar, header_serial varchar, header_customer varchar, header_known boolean,
    header_line integer, swapped boolean, rows bigint, bytes bigint, sha256 varchar,
    fault varchar, fault_detail varchar, checked boolean, open boolean, tracked boolean, digest varchar
);
create table cell (path varchar, line integer, col integer, field varchar, text varchar, kind varchar, note varchar);
create table customer (
    customer_key varchar, customer_id varchar, name varchar, folder varchar, status varchar, merged_into varchar,
    protected boolean, domains varchar[], aliases varchar[], owners varchar[], name_keys varchar[], line integer
);
-- Customers that the working tree registers and the registry in force, that of another revision, does not know.
create table proposed (customer_key varchar, revision varchar);
-- Customer IDs that the config gives to places which are no customer's: of Unassigned.
create table own_place (customer_key varchar, place varchar);
create table sidecar (
    path varchar, sidecar_path varchar, possession_by varchar, possession_on date, possession_serials varchar[],
    evidence varchar, source varchar, reason varchar, ticket varchar, wait_until date, fault varchar,
    source_place varchar, source_key varchar
);
create table ledger (
    path varchar, digest varchar, sha256 varchar, state varchar, settled_at timestamp, customer_key varchar
);
create table suppression (
    rule varchar, path varchar, serial varchar, reason varchar, until date, fault varchar, source varchar, line integer,
    hits bigint
);
create table baseline (
    fingerprint varchar, code varchar, name varchar, path varchar, count bigint, source varchar, line integer, hits bigint
);
create macro _key(text) as upper(regexp_replace(text, '[\x09-\x0d\x1c-\x20]+', '', 'g'));
create macro _word(text) as translate(_key(text), '_-.', '');
-- A text as it stands, without what a key drops: blanks and characters that show nothing.
create macro _bare(text) as regexp_replace(
    text,
    '[\x09-\x0d\x1c-\x20\x{85}\x{ad}\x{34f}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{feff}\p{Z}]+',
    '', 'g'
);
