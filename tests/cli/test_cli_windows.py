"""A repository as Windows leaves it behaves like any other: CRLF everywhere, backslashes, names in upper case."""

import io
import json

import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
GLOBEX = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in (("Serial Number", "Customer ID", "Asset Tag"), *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# Findings in every file, one hidden by a suppression and one by the baseline.
FILES = {
    "wxp-lint.toml": """# of the partner
customers = "customers.csv"
must-run = [
  "unknown-customer",
]
[columns]
carry = ["asset tag"]
[inventory]
sources = [{ path = "inventory/unassigned.csv", place = "unassigned", as-of = 2026-11-09 }]
max-age-days = 30000
[apply]
require-possession = true
[[overrides]]
paths = ["transfers/globex/**"]
ignore = ["serial-vowel"]
""",
    "customers.csv": f"customer_id,name,folder\n{ACME},Acme,acme\n{GLOBEX},Globex,globex\n",
    "inventory/unassigned.csv": 'Serial Number,Device Name\n5CG8234XMV,"PC, 1"\n5CG02382XZ,PC-2\nSGH327SZYD,PC-3\n',
    "wxp-lint-ignore.toml": """[[ignore]]
rule = "serial-vowel"
path = "transfers/acme/**"
serial = "5CG1234ABC"
reason = '''A prototype.
HP knows it.'''
""",
    "transfers/acme/a.csv": f"""Serial Number,Customer ID,Asset Tag
5CG8234XMV,{ACME},1
5CG1234ABC,{ACME},2
 5cg02382xz,{ACME},"two
lines"
5CG0480H,{ACME},4
""",
    "transfers/acme/a.csv.toml": """[possession]
by = "Ann Lee"
on = 2026-11-09
evidence = '''note
4711'''
serials = [
  "5CG8234XMV",
  "5CG1234ABC",
  "5CG02382XZ",
  "5CG0480H",
]
[wait]
until = 2999-01-01
""",
    "transfers/globex/b.csv": f"Serial Number,Customer ID\n5CG8234XMV,{GLOBEX}\n5CG1234ABD,{ACME}\n",
    "transfers/globex/transfer.toml": 'ticket = "7"\ntikcet = 8\n',
    "transfers/globex/done/old.csv": f"Serial Number,Customer ID\n5CG1,{GLOBEX}\n",
    "transfers/globex/book.xlsx": workbook(("SGH327SZYD", GLOBEX, 1), ("SGH327SZYD", GLOBEX, 2)),
}


def windows(files):
    """CRLF in every text, upper-case extensions of lists."""
    texts = {
        path: content if isinstance(content, bytes) else content.replace("\n", "\r\n")
        for path, content in files.items()
    }
    renamed = {}
    for path, content in texts.items():
        for ending in (".csv", ".xlsx"):
            if path.startswith("transfers/") and ending in path:
                path = path.replace(ending, ending.upper())
        renamed[path] = content
    return renamed


@pytest.fixture
def report(cli):
    """The report without what can differ: names in upper case, and fingerprints, which are made of them."""

    def run(*arguments):
        done = cli("check", "--output", "json", *arguments)
        report = json.loads(done.out.replace(".CSV", ".csv").replace(".XLSX", ".xlsx"))
        for finding in report["findings"]:
            del finding["fingerprint"]
        return done.code, report

    return run


@pytest.fixture
def two(write, git, cli, folder, report):
    """What is reported of the same repository as Unix has it and as Windows has it, which is left there."""

    def make(*arguments):
        git("init", "--quiet")
        git("config", "core.autocrlf", "false")
        write(FILES)
        git("add", "--all")
        unix = report(*arguments)
        for path in FILES:
            (folder / path).unlink()
        write(windows(FILES))
        git("add", "--all")
        return unix, report(*arguments)

    return make


def test_the_same_findings(two):
    unix, there = two()

    found = {(finding["code"], finding["path"]) for finding in unix[1]["findings"]}
    assert found > {
        ("WXP202", "transfers/acme/a.csv"),
        ("WXP203", "transfers/acme/a.csv"),
        ("WXP302", "transfers/globex/b.csv"),
        ("WXP401", "transfers/globex/book.xlsx"),
        ("WXP402", "transfers/globex/b.csv"),
        ("WXP602", "transfers/globex/b.csv"),
    }
    assert unix[1]["summary"]["suppressed"] == 1
    assert there == unix


def test_backslashes_name_the_same_files(two, report, cli, folder):
    two()

    for typed in ("transfers\\acme\\a.CSV", ".\\transfers\\acme\\a.CSV", str(folder / "transfers\\acme\\a.CSV")):
        done = cli("check", "--show-files", typed)
        assert (done.code, done.out) == (0, "transfers/acme/a.CSV\n")
    assert report("transfers\\globex") == report("transfers/globex")
    assert cli("check", "--show-files", "transfers\\acme\\a.CSV.toml").out == "transfers/acme/a.CSV\n"
    done = cli("check", "transfers\\acme\\b.CSV")
    assert (done.code, "did you mean 'transfers/acme/a.CSV'" in done.err) == (2, True)


def test_the_baseline_and_what_comes_from_another_revision(two, report, cli, git, folder):
    two()
    git("commit", "--quiet", "--message", "As Windows has it")
    assert report("--config-from", "main") == report()
    assert cli("check", "--since", "main", "--show-files").out == ""

    cli("baseline", "write")
    known = folder / "wxp-lint-baseline.json"
    known.write_bytes(known.read_bytes().replace(b"\n", b"\r\n"))
    assert report()[1]["findings"] == []


def test_confirm_keeps_the_line_ends(two, cli, folder):
    two()

    assert cli("confirm", "transfers\\acme", "--by", "Bob", "--evidence", "call").code == 0

    text = (folder / "transfers/acme/a.CSV.toml").read_bytes()
    assert text.count(b"\r\n") == text.count(b"\n") > 10
    assert b'by = "Bob"\r\n' in text
