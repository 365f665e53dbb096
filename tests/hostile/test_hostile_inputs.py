"""What stands beside the transfer files, damaged here and there: an answer that names the file, and nothing is lost."""

import json
import os
import sqlite3
import sys

import corpus
import duckdb
import pytest
import runs
from assignments import ACME, FILES, A, sheet
from runs import Job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and special files")

ANSWERS = {0, 1, 2, 4, 5, 6, 7, 8}  # DESIGN 7; 3 is an internal error
WITNESS = "transfers/acme/zz.csv"
RULE = """
code = "OWN101"
name = "own-rule"
level = "warning"
status = "stable"
since = "0.1.0"
subject = "row"
summary = "A row that is there"
why = "Because somebody wants to see it."
sources = ["what the team agreed on"]
message = "{serial} is there"
query = "select path, line, 'serial' as field, serial from row where serial = 'X'"
[[examples]]
name = "good"
kind = "good"
csv = "Serial Number,Customer ID\\n5CG8234XMV,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\\n"
findings = []
[[examples]]
name = "bad"
kind = "bad"
csv = "Serial Number,Customer ID\\nX,2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11\\n"
findings = ["2 serial"]
"""
SIDECAR = """source = "unassigned"
reason = "delivery"
[possession]
by = "jo"
on = 2026-11-03
evidence = "delivery note"
serials = ["5CG8230001"]
"""
IGNORE = '[[ignore]]\nrule = "serial-format"\npath = "transfers/no/**"\nreason = "a demo"\nuntil = 2030-12-01\n'
BASELINE = json.dumps(
    {
        "version": 1,
        "findings": [
            {"fingerprint": "0123456789abcdef", "code": "WXP202", "name": "serial-format", "path": "a.csv", "count": 2}
        ],
    }
)
SUMMARY = "Serial Number,Status,Error\n5CG8230001,Success,\n5CG8230002,Failed,not found\n"


PLACES = int(os.environ.get("WXP_LINT_HOSTILE", "2"))  # at which files are damaged; more take longer


def damaged(data, count=PLACES):
    """`data` cut off, with bytes changed, taken out and put in, at `count` places."""
    for at in sorted({len(data) * (2 * n + 1) // (2 * count) for n in range(count)}):
        yield data[:at]
        yield data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        yield data[:at] + b"\0\xff[{\"'" + data[at:]
        yield data[:at] + data[at + 7 :]


HOSTILE_TOML = [
    b"a" + b".a" * 50_000 + b" = 1",
    b"x = " + b"[" * 90_000,
    b"x = " + b"[" * 3000 + b"]" * 3000,
    b"x = " + b"{a = " * 3000 + b"1" + b"}" * 3000,
    b"x = " + b"9" * 5000,
    b"x = 0x" + b"F" * 100_000,
    b"x = 1e999999999",
    b"x = 9999-12-31T23:59:60.999999999999999Z",
    b"x = 0000-00-00",
    b'x = "' + b"\\U0010FFFF" * 50_000 + b'"',
    b'x = "\\uD800"',
    b'"\\u0000" = "\\u0000"',
    b"[a]\n" * 3 + b"[[a]]",
    b"[x]\n" + b"".join(b"k%d = 1\n" % n for n in range(20_000)),
    b"".join(b"[[ignore]]\n" for _ in range(20_000)),
    b"x = 1\n" * 2,
    b"\xff\xfex\0=\0001\0",
    b"\xef\xbb\xbf" * 3,
    b"#" * 999_999,
    b"x" * 2_000_000,
    b"\r" * 1000,
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A repository with everything in it that a run can need, and what was written for it, by name."""
    folder = tmp_path_factory.mktemp("desk") / "here"
    files = {
        **FILES,
        ".gitignore": ".wxp-lint/\n*.said\nreport.json\nplan.json\nledger.jsonl\ndownloads/\n",
        "rules/OWN101-own-rule.toml": RULE,
        f"{A}.toml": SIDECAR,
        "wxp-lint-ignore.toml": IGNORE,
        "wxp-lint-baseline.json": BASELINE,
        WITNESS: sheet(7).replace("5CG8230007", "5CG8!"),
    }
    files["wxp-lint.toml"] = 'custom-rules = ["rules"]\n' + files["wxp-lint.toml"]
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git = {**runs.environment(""), "GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder)}
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        runs.subprocess.run(["git", *words], cwd=folder, env=git, check=True, capture_output=True)
    done = runs.many(
        [
            Job(folder, words)
            for words in (["apply", "--yes"], ["ledger", "export", "ledger.jsonl"], ["plan", "--save", "plan.json"])
        ]
    )
    assert [code for code, _ in done][1:] == [0, 0], done
    return folder


def sweep(folder, path, contents, *arguments, seconds=60):
    """Runs `arguments` with each of `contents` at `path`: an exit code that DESIGN knows, no traceback."""
    contents = [*contents]
    done = runs.many([Job(folder, arguments, {path: data}) for data in contents], seconds)
    for data, (code, said) in zip(contents, done):
        assert code in ANSWERS, f"{path} = {data[:300]!r}: {said[-1500:]}"
        assert "Traceback" not in said
    return done


CHECK = ("check", "--output", "concise")


@pytest.mark.parametrize(
    "path",
    [
        "wxp-lint.toml",
        "wxp-lint-ignore.toml",
        "wxp-lint-baseline.json",
        "customers.csv",
        "rules/OWN101-own-rule.toml",
        "unassigned.csv",
        f"{A}.toml",
        "transfers/acme/transfer.toml",
    ],
)
def test_what_a_check_reads_besides(desk, path):
    whole = (desk / path).read_bytes() if (desk / path).exists() else SIDECAR.encode()
    hostile = HOSTILE_TOML if path.endswith(".toml") and path != "transfers/acme/transfer.toml" else []
    done = sweep(desk, path, [whole, *damaged(whole), *hostile], *CHECK)
    assert done[0][0] == 1
    for code, said in done:
        # Either the rest was checked, or somebody is told why it was not.
        assert (code == 1 and f"{WITNESS}:2:1: error WXP202" in said) or (
            code == 2 and said.startswith("wxp-lint: ")
        ), said


def test_registries_that_go_round_in_circles(desk):
    head = "customer_id,name,status,merged_into\n"
    ring = "".join(f"c{n},Name {n},merged,c{(n + 1) % 3000}\n" for n in range(3000))
    chain = "".join(f"c{n},Name {n},merged,c{n + 1}\n" for n in range(3000)) + "c3000,End,active,\n"
    itself = f"{ACME},Acme,merged,{ACME}\n"
    contents = [(head + text).encode() for text in (ring, chain, itself, itself * 2, "x,y\n" * 9, ",,,\n", '"' * 99)]
    contents.append(b"customer_id,name," + b"nam3," * 200_000)
    done = sweep(desk, "customers.csv", contents, *CHECK)
    assert {code for code, _ in done} <= {1, 2}
    assert "merged_into leads round in a circle" in done[0][1]
    assert "circle" not in done[1][1]


def _parquet(folder):
    path = folder / "made.parquet"
    duckdb.execute(
        f"copy (select '5CG823' || lpad(i::varchar, 4, '0') as serial from range(40) t(i)) to '{path}' (format parquet)"
    )
    data = path.read_bytes()
    path.unlink()
    return data


def _sqlite(folder):
    path = folder / "made.db"
    with sqlite3.connect(path) as con:
        con.execute("create table device (serial text, customer_id text)")
        con.executemany("insert into device values (?, null)", [(f"5CG823{n:04}",) for n in range(40)])
    con.close()
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.mark.parametrize(
    ("name", "source", "make"),
    [
        ("list.parquet", '{ path = "list.parquet", place = "unassigned" }', _parquet),
        ("list.xlsx", '{ path = "list.xlsx", place = "unassigned" }', lambda folder: corpus.honest()),
        ("list.db", '{ url = "sqlite:///list.db", query = "select serial, customer_id from device" }', _sqlite),
    ],
    ids=["parquet", "xlsx", "sqlite"],
)
def test_inventories(desk, tmp_path, name, source, make):
    whole = make(tmp_path)
    settings = f"inventory = {{max-age-days = 9999, sources = [{source}]}}\n".encode()
    contents = [
        whole,
        *damaged(whole),
        b"",
        b"PAR1",
        b"PAR1" + bytes(99) + b"PAR1",
        b"SQLite format 3\0" + b"\xff" * 4000,
    ]
    done = runs.many([Job(desk, CHECK, {name: data, "wxp-lint.toml": settings}) for data in contents])
    assert done[0][0] == 1, done[0]
    for code, said in done:
        assert (code == 1 and f"{WITNESS}:2:1: error WXP202" in said) or (code == 2 and name in said), said


def test_summaries_and_exports(desk):
    hostile = [
        case.content for case in corpus.texts() if len(case.content) < 1000 and not case.name.startswith("byte-")
    ]
    done = sweep(
        desk, "downloads/s.csv", [*damaged(SUMMARY.encode()), *hostile], "reconcile", "downloads/s.csv", "--summary"
    )
    sweep(
        desk,
        "downloads/acme-2026-11-03.csv",
        damaged(SUMMARY.encode()),
        "reconcile",
        "acme=downloads/acme-2026-11-03.csv",
    )
    assert {code for code, _ in done} == {0, 2}


def test_saved_plans(desk):
    whole = (desk / "plan.json").read_bytes()
    deep = b'{"version": ' * 5000
    contents = [
        *damaged(whole),
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"1" * 5000,
        deep,
        b"{}",
        b'{"version": 1e999}',
        b"\xff\xfe{}",
    ]
    done = sweep(desk, "plan.json", contents, "apply", "--plan", "plan.json", "--yes")
    assert all(code in (2, 5) for code, _ in done), done


def test_exported_ledgers(desk, tmp_path):
    whole = (desk / "ledger.jsonl").read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / ".git").mkdir()
    contents = [
        *damaged(whole),
        b"",
        b"[]",
        b"null\n",
        b"1" * 5000,
        b"[" * 99_999,
        whole * 2,
        whole + b"\n",
        b"\0" * 99,
    ]
    done = sweep(empty, "ledger.jsonl", contents, "ledger", "import", "ledger.jsonl")
    assert {code for code, _ in done} == {2}
    assert (
        not (empty / ".wxp-lint/ledger.db").exists()
        or sqlite3.connect(empty / ".wxp-lint/ledger.db").execute("select count(*) from sqlite_master").fetchone()[0]
        == 0
    )


def test_stores_of_the_ledger(desk):
    """The SQLite file itself, damaged: nothing is handed over, and a check does not fail for it without a word."""
    path = ".wxp-lint/ledger.db"
    whole = (desk / path).read_bytes()
    contents = [*damaged(whole), b"x", b"SQLite format 3\0" + b"\xff" * 4000]
    for words in (CHECK, ("status",), ("apply", "--yes"), ("history", "5CG8230001")):
        sweep(desk, path, contents, *words)
    (desk / path).write_bytes(whole)


COMMANDS = [
    ("check", "FILE"), ("check", "FILE", "--inventory", "unassigned.csv"), ("check", A, "--inventory", "FILE"),
    ("check", "--config", "FILE"), ("fix", "FILE"), ("fix", "--diff", "FILE"), ("prepare", "FILE"), ("show", "FILE"),
    ("rules", "--test", "FILE"), ("confirm", "FILE", "--by", "jo", "--on", "2026-11-03", "--evidence", "x"),
    ("reconcile", "FILE"), ("reconcile", "--summary", "FILE"), ("apply", "--yes", "--plan", "FILE"),
    ("ledger", "import", "FILE"), ("plan", "--config", "FILE"), ("check", "FILE/x.csv"),
    ("check", "FILE", "--since", "HEAD"),    ("take", "FILE", "--by", "jo"), ("revert", "FILE"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["pipe", "folder", "zeros", "loop", "binary", "nothing", "huge"])
def test_any_command_with_any_thing_for_a_file(desk, kind):
    for name in ("x.csv", "x.xlsx") if kind in ("pipe", "binary") else ("x.csv",):
        path = desk / "downloads" / name
        path.parent.mkdir(exist_ok=True)
        make = {
            "pipe": lambda path=path: os.mkfifo(path),
            "folder": lambda path=path: path.mkdir(),
            "zeros": lambda path=path: path.symlink_to("/dev/zero"),
            "loop": lambda path=path: path.symlink_to(path.name),
            "binary": lambda path=path: path.write_bytes(bytes(range(256)) * 50),
            "nothing": lambda: None,
            "huge": lambda path=path: path.write_bytes(b"") or os.truncate(path, 10 << 30),
        }
        make[kind]()
        jobs = [Job(desk, [word.replace("FILE", f"downloads/{name}") for word in words]) for words in COMMANDS]
        try:
            for job, (code, said) in zip(jobs, runs.many(jobs, 20)):
                assert code in ANSWERS, f"{job.arguments}: {said[-1500:]}"
                assert "Traceback" not in said
        finally:
            path.rmdir() if kind == "folder" else path.unlink(missing_ok=True)


def test_the_report_of_all_that_is_json_still(desk):
    """After all of it the desk is as it was."""
    ((code, said),) = runs.many([Job(desk, ["check", "--no-cache", "--output", "json"])])
    assert code == 1
    assert "WXP202" in [finding["code"] for finding in json.loads(said)["findings"]]
