-- A device that several rows name is shown with the first of them.
update _seen set shown = false
from (
    select file, line from _row semi join _twice using (serial_key)
    qualify row_number() over (partition by serial_key order by file, line) > 1
) later
where later.file = _seen.file and later.line = _seen.line;
