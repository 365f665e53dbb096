"""Rule files as a team writes them, for tests."""

ID = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
TRANSFER = f"{HEADER}5CG8234XMV,{ID}\nTEST234XMV,{ID}\n"
CONFIG = 'custom-rules = ["rules/"]\n'
QUERY = "select path, line, 'serial' as field, serial\nfrom row\nwhere starts_with(serial_key, 'TEST')"
OPTION = '[options.prefix]\ndefault = "TEST"\ndescription = "What serial numbers of the lab start with."'
BY_OPTION = QUERY.replace("'TEST'", "$prefix")
KEYS = {
    "code": "ACME001",
    "name": "test-pc",
    "level": "warning",
    "status": "stable",
    "since": "1.0.0",
    "subject": "row",
    "summary": "A PC of the test lab stands in a transfer",
    "why": "PCs of the test lab never leave it, so the row is a mistake.",
    "message": "'{serial}' is a PC of the test lab: take the row out",
}
EXAMPLES = f'''
[[examples]]
name = "a PC of the lab"
kind = "bad"
csv = """
{HEADER}TEST234XMV,{ID}
"""
findings = ["2 serial"]

[[examples]]
name = "a customer's PC"
kind = "good"
csv = """
{HEADER}5CG8234XMV,{ID}
"""
findings = []
'''
QUERY_LINE = 12  # of what `rule_text` makes without `more`


def rule_text(query=QUERY, *, more="", examples=EXAMPLES, **keys):
    """A rule file: `keys` in place of the usual ones (None leaves one out), `more` lines of TOML below them.

    In the query, backslashes stand for themselves.
    """
    given = {name: value for name, value in (KEYS | keys).items() if value is not None}
    lines = [f'{name} = "{value}"' for name, value in given.items()]
    return "\n".join([*lines, "sources = []", "query = '''", query, "'''", more, examples])


def rule_file(**keys):
    """The path of a rule file below the config, with its text."""
    given = KEYS | {name: value for name, value in keys.items() if name in ("code", "name")}
    return f"rules/{given['code']}-{given['name']}.toml", rule_text(**keys)
