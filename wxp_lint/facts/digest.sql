-- The identity of each checked transfer, as `ledger.identity.digest` makes it; null without a target.
update file set digest = 'v1-' || sha256(known.customer_key || chr(10) || known.serials)
from (
    select t.path, t.customer_key, string_agg(distinct r.serial_key, chr(10) order by r.serial_key) as serials
    from target t join row r on r.path = t.path
    where t.main and r.serial_key <> ''
    group by t.path, t.customer_key
) known
where known.path = file.path;
