import os
from datetime import date
from pathlib import Path

import pytest

from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.sidecars import Sidecar, read_sidecars
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Source
from wxp_lint.files.read import read

FILE = "t/acme/x.csv"


@pytest.fixture
def lay(tmp_path):
    """Lays files out, and loads those that are transfers."""

    def write(files, checked=()):
        loaded = []
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            if name.endswith((".csv", ".xlsx")):
                found = read(Source(name, path), words(), Limits(), tmp_path)
                loaded.append(Loaded(found, not checked or name in checked, True, True))
        return loaded

    return write


@pytest.fixture
def sidecars(lay, tmp_path):
    def found(files, checked=()):
        return list(read_sidecars(lay(files, checked), tmp_path))

    return found


def fault(sidecars, text):
    (found,) = sidecars({FILE: "SN\n", f"{FILE}.toml": text})
    assert found == Sidecar(FILE, f"{FILE}.toml", fault=found.fault)
    return found.fault


ALL = """
source = "unassigned"
reason = "replacement"
ticket = "INC-4711"

[possession]
by = "jo"
on = 2026-11-03
evidence = "delivery note"
serials = ["sgh327szyd", "5CG8234XMV", " 5CG8234XMV "]

[replaces]
5CG8234XMV = "5CG02382XZ"

[wait]
until = 2026-12-01
"""


def test_all_that_can_be_said(sidecars):
    assert sidecars({FILE: "SN\n", f"{FILE}.toml": ALL}) == [
        Sidecar(
            path=FILE,
            sidecar_path=f"{FILE}.toml",
            possession_by="jo",
            possession_on=date(2026, 11, 3),
            possession_serials=["5CG8234XMV", "SGH327SZYD"],
            evidence="delivery note",
            source="unassigned",
            reason="replacement",
            ticket="INC-4711",
            wait_until=date(2026, 12, 1),
            replaces={"5CG8234XMV": "5CG02382XZ"},
            fault=None,
        )
    ]


@pytest.mark.parametrize("day", ["2026-11-03", '"2026-11-03"', "2026-11-03T09:00:00Z"])
def test_a_day_in_other_forms(sidecars, day):
    (found,) = sidecars({FILE: "SN\n", f"{FILE}.toml": f"wait.until = {day}\nticket = 4711"})
    assert (found.wait_until, found.ticket, found.fault) == (date(2026, 11, 3), "4711", None)


def test_a_file_without_a_sidecar(sidecars):
    assert sidecars({FILE: "SN\n"}) == []


def test_a_sidecar_that_says_nothing(sidecars):
    assert sidecars({FILE: "SN\n", f"{FILE}.toml": "\ufeff# nothing\r\n"}) == [Sidecar(FILE, f"{FILE}.toml")]


def test_a_workbook_s_sidecar(sidecars):
    (found,) = sidecars({"t/x.xlsx": b"", "t/x.xlsx.toml": 'reason = "return"'})
    assert (found.path, found.reason) == ("t/x.xlsx", "return")


def test_the_folder_s_sidecar_lies_beneath_each_file_s_own_key_by_key(sidecars):
    found = sidecars(
        {
            "t/a/x.csv": "SN\n",
            "t/a/y.csv": "SN\n",
            "t/a/deeper/z.csv": "SN\n",
            "t/a/transfer.toml": 'source = "acme"\npossession = {by = "jo", evidence = "note"}',
            "t/a/y.csv.toml": 'ticket = "T-1"\n[possession]\nby = "al"\non = 2026-11-03',
        }
    )
    assert [
        (one.path, one.sidecar_path, one.source, one.ticket, one.possession_by, one.possession_on, one.evidence)
        for one in found
    ] == [
        ("t/a/x.csv", "t/a/transfer.toml", "acme", None, "jo", None, "note"),
        ("t/a/y.csv", "t/a/y.csv.toml", "acme", "T-1", "al", date(2026, 11, 3), "note"),
    ]


def test_only_checked_files_count(sidecars):
    files = {"t/x.csv": "SN\n", "u/y.csv": "SN\n", "t/x.csv.toml": "", "u/y.csv.toml": "", "u/z.csv.toml": ""}
    assert [one.path for one in sidecars(files, checked=["t/x.csv"])] == ["t/x.csv"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('reson = "return"', ":1: unknown key \"reson\"; did you mean 'reason'?"),
        ('by = "jo"', ':1: unknown key "by"; it belongs in [possession]'),
        ("[wait]\nticket = 1", ':2: unknown key "ticket" in [wait]; it belongs at the top'),
        ("[possession]\nwho = 1", ':2: unknown key "who" in [possession]; known there: by, on, evidence, serials'),
        ("[posession]\nby = 1", ":1: unknown key \"posession\"; did you mean 'possession'?"),
        (
            '\nreason = "moved"',
            ':2: reason must be one of delivery, return, replacement, merger, correction, not "moved"',
        ),
        ('source = ""', ':1: source must be a text in quotes, not ""'),
        ("ticket = true", ":1: ticket must be a text in quotes, not true"),
        ('wait = "2026-12-01"', ":1: wait must be a table: write [wait] on a line of its own"),
        ("wait.until = 20261201", ":1: until in [wait] must be a day like 2026-11-03, not 20261201"),
        ('[possession]\non = "yesterday"', ':2: on in [possession] must be a day like 2026-11-03, not "yesterday"'),
        ('[possession]\nby = "  "', ":2: by in [possession] must be a text in quotes"),
        ("[possession]\nserials = [5123456789]", ":2: serials in [possession] must be a list of serial numbers like"),
        ('[possession]\nserials = "5CG8234XMV"', ":2: serials in [possession] must be a list"),
        ("[replaces]\n5CG8234XMV = 5", ':2: the old serial number of "5CG8234XMV" must be a text in quotes, not 5'),
        ("reason = return", ":1: not valid TOML: Invalid value"),
        ('reason = "return', ":1: not valid TOML: "),
        ('reason = "return"\nreason = "merger"', ":2: not valid TOML: Cannot overwrite a value"),
        (b'ticket = "M\xfcller"', ":1: not UTF-8 text"),
        ("x" * (1 << 20) + "x", ": it has 1,048,577 bytes"),
        ("a." * 2000 + "b = 1", ":1: more than 1,000 dots"),
    ],
)
def test_what_is_wrong_and_where(sidecars, text, words):
    assert fault(sidecars, text).startswith(f"{FILE}.toml{words}")


def test_everything_that_is_wrong_by_line(sidecars):
    told = fault(sidecars, 'reason = "x"\nfoo = 1\n[wait]\nuntil = 1\n').split("; ")
    assert [part.removeprefix(f"{FILE}.toml")[:3] for part in told if part.startswith(FILE)] == [":1:", ":2:", ":4:"]


def test_a_broken_folder_sidecar_breaks_each_file(sidecars):
    found = sidecars(
        {"t/x.csv": "SN\n", "t/y.csv": "SN\n", "t/transfer.toml": "foo = 1", "t/y.csv.toml": 'ticket = "1"'}
    )
    assert [(one.path, one.ticket, one.fault.split(":")[0]) for one in found] == [
        ("t/x.csv", None, "t/transfer.toml"),
        ("t/y.csv", None, "t/transfer.toml"),
    ]


def test_a_link_out_of_the_repository_is_not_followed(lay, tmp_path):
    repo = tmp_path / "repo"
    loaded = lay({"repo/x.csv": "SN\n"})
    (tmp_path / "secret").write_text('ticket = "secret"')
    (repo / "x.csv.toml").symlink_to(tmp_path / "secret")
    (found,) = read_sidecars(loaded, repo)
    assert "leads out of the repository" in found.fault
    assert found.ticket is None


def test_a_pipe_and_a_folder_are_no_sidecars(lay, tmp_path):
    loaded = lay({"t/x.csv": "SN\n", "t/y.csv": "SN\n"})
    os.mkfifo(tmp_path / "t/x.csv.toml")
    Path(tmp_path / "t/y.csv.toml").mkdir()
    pipe, folder = read_sidecars(loaded, tmp_path)
    assert "no regular file" in pipe.fault
    assert "it is a folder" in folder.fault


def test_sidecars_that_belong_to_no_file(lay, tmp_path):
    names = ("t/maj.csv.toml", "t/june.xlsx.toml", "v/x.csv.toml", "w/transfer.toml")
    loaded = lay({"t/may.csv": "SN\n", **dict.fromkeys(names, "")})
    orphans = [Source(name, tmp_path / name) for name in names]
    con = build(Inputs(loaded, words(), tmp_path, orphans=orphans)).con
    assert con.execute("select path, sidecar_path, fault from sidecar order by sidecar_path").fetchall() == [
        (
            None,
            "t/june.xlsx.toml",
            "t/june.xlsx.toml belongs to no file, for there is no june.xlsx beside it: "
            "rename it after its transfer file, or delete it",
        ),
        (
            None,
            "t/maj.csv.toml",
            "t/maj.csv.toml belongs to no file, for there is no maj.csv beside it; did you mean 'may.csv'?",
        ),
        (
            None,
            "v/x.csv.toml",
            "v/x.csv.toml belongs to no file, for there is no x.csv beside it: "
            "rename it after its transfer file, or delete it",
        ),
        (
            None,
            "w/transfer.toml",
            "w/transfer.toml belongs to no file, for there is no list of PCs beside it: move it, or delete it",
        ),
    ]


def test_many_files_in_one_folder(sidecars):
    files = {f"t/{n}.csv": "SN\n" for n in range(30)} | {f"t/{n}.csv.toml": f"ticket = {n}" for n in range(0, 30, 3)}
    assert {(one.path, one.ticket) for one in sidecars(files)} == {(f"t/{n}.csv", str(n)) for n in range(0, 30, 3)}


def test_the_table_names_the_source_s_place(lay, tmp_path):
    customer = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
    loaded = lay(
        {
            **{f"{name}.csv": "SN\n" for name in "abcd"},
            "a.csv.toml": 'source = "unassigned"',
            "b.csv.toml": 'source = "contoso"\n[possession]\nserials = ["5CG8234XMV", "SGH327SZYD"]',
            "c.csv.toml": 'source = "fabrikam"',
            "d.csv.toml": "",
        }
    )
    registry = f"customer_id,name,folder\n{customer},Contoso Ltd,contoso\n".encode()
    con = build(Inputs(loaded, words(), tmp_path, customers=("customers.csv", registry))).con
    found = con.execute("select path, source_place, source_key, possession_serials from sidecar order by path")
    assert found.fetchall() == [
        ("a.csv", "Unassigned", None, None),
        ("b.csv", "Contoso Ltd", customer.upper(), ["5CG8234XMV", "SGH327SZYD"]),
        ("c.csv", "fabrikam", "FABRIKAM", None),
        ("d.csv", None, None, None),
    ]
