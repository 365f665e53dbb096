"""`check --mask`: no serial number of the checked files and no user stands in any report."""

import io
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from wxp_lint.keys import key
from wxp_lint.report import FORMATS

CHECKOUT = Path(__file__).parents[2]
ACME, BOLT = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11", "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
USERS = ["jdoe77", "BOLT\\mmeier", "Ann Vander Berg", "ann@bolt.example", "Karl Preamble", "notes-by-kim"]
SERIALS = ["5CG8234XMV", "5CG02382XZ", "5cg1234bcd", "5CG12", "12345678", " 5CD9999BCD", "5CG1234ABC", "JHXKTQW"]
SERIALS += ["5CG 3333 BCD", "5CG4545BCD", "5CG9393BCD"]
OWN_RULE = """
code = "OWN101"
name = "who-had-it"
level = "warning"
status = "stable"
since = "0.1.0"
needs = ["device"]
subject = "row"
summary = "Tells who had a PC"
why = "To see that no user is told."
sources = ["none"]
message = "{serial_key}, called {device_name}, was last used by {last_user}, or so"
query = \"\"\"
select r.path, r.line, 'serial' as field, r.serial, r.serial_key, d.device_name, d.last_user
from row r join device d using (serial_key)
\"\"\"
[[examples]]
name = "no devices"
kind = "good"
csv = "Serial Number,Customer ID\\n"
findings = []
[[examples]]
name = "a device"
kind = "bad"
csv = "Serial Number,Customer ID\\n5CG8234XMV,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\\n"
devices = [{serial = "5CG8234XMV", last_user = "jdoe"}]
findings = ["2 serial"]
"""
IGNORE = """
[[ignore]]
rule = "serial-week"
path = "transfers/**"
serial = "5CG4545BCD"
reason = "never found"
"""


def sheet(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def repository(write, git, folder):
    """A repository with findings of many kinds, an inventory with users, and a rule that tells them."""
    inventory = [
        "Serial Number,Device Name,Last User",
        "5CG8234XMV,LAPTOP-OF-ZOE,jdoe77",
        "5CG02382XZ,,BOLT\\mmeier",
        "5CG1234BCD,,Ann Vander Berg",
        "5CG9393BCD,,",
    ]
    write(
        {
            "wxp-lint.toml": 'preview = true\ncustom-rules = ["own/"]\ncustomers = "customers.csv"\n[inventory]\n'
            'sources = [{path = "inventory/unassigned.csv", place = "unassigned"}]\n',
            "customers.csv": f"customer_id,name,domains\n{ACME},Acme,acme.example\n{BOLT},Bolt,bolt.example\n",
            "own/OWN101-who-had-it.toml": OWN_RULE,
            "wxp-lint-ignore.toml": IGNORE,
            "inventory/unassigned.csv": "\n".join(inventory) + "\n",
            "transfers/acme/a.csv": f"Prepared by Karl Preamble\nSerial Number,Customer ID,User\n"
            f"5CG8234XMV,{ACME},ann@bolt.example\n5CG02382XZ,{BOLT},notes-by-kim\n5cg1234bcd,{ACME},\n5CG12,{ACME},\n"
            f"5CG9393BCV,{ACME},\nJHXKTQW,{ACME},\n5CG12,ann@bolt.example,\n",
            "transfers/acme/b.csv": f'"12345678","{ACME}","notes-by-kim"\n" 5CD9999BCD",{ACME},jdoe77\n'
            f'"5CG8234XMV",{ACME}\n"5CG1234ABC\n5CG02382XZ",{ACME}\n"5CG 3333 BCD","{ACME}",x\n',
            "transfers/acme/c.xlsx": sheet(
                ("Serial Number", "Customer ID", "Notes"),
                ("5CG1234ABC", ACME, "Ann Vander Berg"),
                (12345678, ACME, "call ann@bolt.example"),
                ('="5CG02382XZ"', BOLT, None),
                ("5CG12", "5CG8234XMV", None),
            ),
        }
    )
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Transfers")
    return folder


@pytest.fixture
def reports(cli, folder, tmp_path):
    """Every format's report of one run, by name, and what went to the console."""

    def run(*arguments, env=None):
        out = tmp_path / "reports"
        out.mkdir(exist_ok=True)
        outputs = [f"--output={name}={out / name}" for name in FORMATS]
        done = cli("check", *outputs, "--no-cache", "--statistics", *arguments, env=env)
        assert done.code == 1, done.err
        found = {name: (out / name).read_text("utf-8") for name in FORMATS}
        log = json.loads(found["sarif"])
        del log["runs"][0]["tool"]["driver"]["rules"]  # the words of our rules have serial numbers as examples
        return {**found, "sarif": json.dumps(log, ensure_ascii=False), "console": done.out + done.err}

    return run


def left(reports, values):
    """(format, value) of what can be read, in any way that a format writes it."""
    found = []
    for name, text in reports.items():
        plain = text.replace("\\\\", "\\").replace("\\u005c", "\\").replace("&#x27;", "'")
        found += [(name, value) for value in values if value in plain]
        tokens = {key(token) for token in plain.replace(",", " ").split()}
        found += [(name, value) for value in values if len(value) > 6 and key(value) in tokens]
    return found


def test_every_format_shows_them_without_the_option(repository, reports):
    found = left(reports(), SERIALS)

    assert {name for name, _ in found} >= FORMATS.keys() - {"console"}
    assert len(json.loads(reports()["json"])["findings"]) > 20


def test_no_serial_and_no_user_in_any_format(repository, reports):
    found = reports("--mask")

    assert left(found, [*SERIALS, "5CG9393BCV", *USERS, "ZOE", "mmeier"]) == []


def test_masked_values_still_tell_rows_apart(repository, reports):
    found = reports("--mask")

    assert "5CG8••••MV" in found["markdown"]
    for name in FORMATS:
        assert "5CG8••••MV" in found[name] or "5CG8\\u2022" in found[name], name


def test_fingerprints_and_places_stay(repository, reports):
    def places(report):
        values = ("code", "path", "line", "column", "cell", "level", "fingerprint")
        return [[finding[value] for value in values] for finding in json.loads(report)["findings"]]

    assert places(reports("--mask")["json"]) == places(reports()["json"])


def test_no_masked_value_is_offered_as_a_fix(repository, reports):
    found = reports("--mask")
    suggestions = [one.get("suggestions", []) for one in json.loads(found["rdjson"])["diagnostics"]]
    fixes = [one.get("fixes", []) for one in json.loads(found["sarif"])["runs"][0]["results"]]

    assert "•" not in json.dumps([suggestions, fixes], ensure_ascii=False)


def test_a_secret_is_masked_as_a_whole(write, reports):
    write({"transfers/a.csv": "Serial Number,Customer ID\n5CG8234XMV,aB3dE7xQ\naB3dE7xQ,aB3dE7xQ\n"})
    found = reports("--mask")

    assert left(found, ["aB3dE7xQ", "aB3", "7xQ"]) == []


def test_broken_examples(reports, folder):
    shutil.copytree(CHECKOUT / "examples" / "broken", folder / "transfers")
    serials = {
        finding["serial"]
        for finding in json.loads(reports()["json"])["findings"]
        if finding["serial"] and any(map(str.isdigit, finding["serial"])) and len(finding["serial"]) > 4
    }
    assert len(serials) > 10

    assert left(reports("--mask"), serials) == []
