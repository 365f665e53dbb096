"""How texts of device lists are compared and read, as macros of DuckDB."""

# Lists come from a console, not from a person: blanks and case are all that is folded in them, and only where there are
# some, since translate is slow.
MACROS = """
create macro _export_key(text) as case
    when contains(text, ' ') or strlen(text) <> length(text)
        then upper(translate(text, chr(32) || chr(9) || chr(160) || chr(8203) || chr(65279), ''))
    else upper(text)
end;
create macro _moment(text) as coalesce(
    try_cast(text as timestamp),
    try_strptime(text, [
        '%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y', '%Y/%m/%d %H:%M:%S', '%Y/%m/%d %H:%M', '%Y/%m/%d'
    ])
);
"""
