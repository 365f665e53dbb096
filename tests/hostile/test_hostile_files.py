"""The real command line on every file of the corpus: a finding, no traceback, no hang, no abort, nothing lost."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import corpus
import pytest
import runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits and special files")

GOOD = corpus.HEADER + corpus.ROW
BAD = corpus.HEADER + f"5CG0480H,{corpus.ID}\n"
WITNESS = "transfers/zz-witness.csv"  # a bad list, the last one by name: what is found there was not lost
MEMORY = 500  # MB, of which Python and the engine take about 80 and the longest of these lists 200


@pytest.fixture(scope="session")
def cases():
    return [*corpus.books(), *corpus.texts(), *corpus.cut_books()]


@pytest.fixture
def folder(tmp_path):
    """An assignments folder in a git repo, with a bad list of its own."""
    here = tmp_path / "here"
    (here / "transfers").mkdir(parents=True)
    (here / ".git").mkdir()  # enough to tell the root by
    (here / WITNESS).write_text(BAD)
    return here


def report(folder):
    """The report's findings as path -> codes, and its summary."""
    told = json.loads((folder / "report.json").read_text("utf-8"))
    found = {}
    for finding in told["findings"]:
        found.setdefault(finding["path"], []).append(finding["code"])
    return found, told["summary"]


def check(folder, *paths, formats=("full",), **more):
    """`wxp-lint check` in these formats and as JSON. It ended as it should, and the witness was heard."""
    outputs = [
        part for n, name in enumerate(formats) for part in ("--output", name if n == 0 else f"{name}={name}.out")
    ]
    ran = runs.one(folder, "check", *paths, *outputs, "--output", "json=report.json", "--no-cache", **more)
    assert ran.code in (0, 1), f"exit code {ran.code}: {ran.said[-2000:]}"
    assert "Traceback" not in ran.said
    found, summary = report(folder)
    if not paths or WITNESS in paths:
        assert ran.code == 1
        assert "WXP202" in found[WITNESS]
    return ran, found, summary


def lay(folder, cases):
    for case in cases:
        (folder / "transfers" / case.name).write_bytes(case.content)


def test_many_at_once_each_has_its_answer_and_none_is_lost(folder, cases):
    together = [case for case in cases if not corpus.family(case)]
    lay(folder, together)

    ran, found, summary = check(folder, formats=("full", "html", "markdown", "github"))

    checked = [case for case in together if not case.name.endswith(".xls")]  # no transfers glob takes that
    assert summary["files"] == len(checked) + 1
    for case in together:
        if case.rule:
            assert found.get(f"transfers/{case.name}") == [case.rule], case.about
    assert ran.megabytes < MEMORY


@pytest.mark.parametrize("family", corpus.FAMILIES)
def test_what_could_end_the_process_ends_in_a_finding(folder, cases, family):
    hurtful = [case for case in cases if corpus.family(case) == family]
    assert hurtful
    lay(folder, hurtful)

    ran, found, summary = check(folder, formats=("concise",), seconds=10)

    assert summary["files"] == len(hurtful) + 1
    for case in hurtful:
        if case.rule:
            assert found.get(f"transfers/{case.name}") == [case.rule], case.about
    assert ran.megabytes < MEMORY


def test_a_bomb_costs_no_more_than_an_honest_workbook(folder, cases):
    """Beyond what it takes to start, which is measured on the spot, a refusal takes no time."""
    (folder / "transfers/a.xlsx").write_bytes(corpus.honest())
    honest = check(folder, "transfers/a.xlsx", formats=("concise",))[0]
    for case in cases:
        if case.name in ("bomb-one-part.xlsx", "bomb-lies-large.xlsx", "far-plain.xlsx", "bomb-overlapping.xlsx"):
            lay(folder, [case])
            ran, found, _ = check(folder, f"transfers/{case.name}", formats=("concise",))
            assert found == {f"transfers/{case.name}": [corpus.REFUSED]}
            assert ran.seconds < honest.seconds + 1
            assert ran.megabytes < honest.megabytes + 50


@pytest.fixture
def outside(tmp_path):
    """A good list that lies out of the repository."""
    (tmp_path / "outside.csv").write_text(GOOD)
    return tmp_path / "outside.csv"


def test_what_is_no_regular_file(folder, outside, tmp_path):
    place = folder / "transfers"
    (place / "out.csv").symlink_to(outside)
    (place / "loop.csv").symlink_to("loop.csv")
    (place / "there.csv").symlink_to("back.csv")
    (place / "back.csv").symlink_to("there.csv")
    (place / "nowhere.csv").symlink_to("nothing.csv")
    (place / "zeros.csv").symlink_to("/dev/zero")
    (place / "null.xlsx").symlink_to("/dev/null")
    (place / "self.csv").symlink_to("/proc/self/mem")
    (place / "up").symlink_to("..")  # a folder within itself
    (place / "outer").symlink_to(tmp_path)
    (place / "folder.csv").mkdir()
    (place / "folder.csv/in.csv").write_text(BAD.replace("0480", "0481"))
    (place / "book.xlsx").mkdir()
    os.mkfifo(place / "pipe.csv")
    os.mkfifo(place / "pipe.csv.toml")
    with socket.socket(socket.AF_UNIX) as there:
        there.bind("s.csv")  # a path in such an address is short
        Path("s.csv").replace(place / "socket.csv")

    special = [
        "out.csv",
        "loop.csv",
        "there.csv",
        "nowhere.csv",
        "zeros.csv",
        "null.xlsx",
        "self.csv",
        "pipe.csv",
        "socket.csv",
    ]
    names = [f"transfers/{name}" for name in special]
    ran, found, _ = check(folder, *names, WITNESS, seconds=5)

    assert {name: found.get(name) for name in names} == {name: ["WXP101"] for name in names}
    assert ran.megabytes < MEMORY

    ran, found, _ = check(folder, seconds=5)

    assert "WXP202" in found["transfers/folder.csv/in.csv"]
    assert not any("outside" in name or name.count("transfers") > 1 for name in found)


def test_sidecars_and_lists_that_are_no_files(folder):
    place = folder / "transfers"
    for number, make in enumerate((os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero"))):
        (place / f"{number}.csv").write_text(GOOD.replace("8234", f"823{number}"))
        make(place / f"{number}.csv.toml")
    os.mkfifo(place / "transfer.toml")

    _, found, _ = check(folder, seconds=5)

    for number in range(3):
        assert "WXP602" in found[f"transfers/{number}.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "wxp-lint-ignore.toml",
        "wxp-lint-baseline.json",
        "customers.csv",
        "wxp-lint.toml",
        "rules/X1-x.toml",
        "inventory.csv",
    ],
)
@pytest.mark.parametrize("kind", ["pipe", "folder", "zeros", "loop"])
def test_what_a_run_needs_is_no_file(folder, name, kind):
    settings = {
        "customers.csv": 'customers = "customers.csv"',
        "rules/X1-x.toml": 'custom-rules = ["rules"]',
        "inventory.csv": 'inventory = {sources = [{path = "inventory.csv", place = "unassigned"}]}',
    }
    (folder / "wxp-lint.toml").write_text(settings.get(name, ""))
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    make = {
        "pipe": os.mkfifo,
        "folder": os.mkdir,
        "zeros": lambda p: p.symlink_to("/dev/zero"),
        "loop": lambda p: p.symlink_to(p.name),
    }
    make[kind](folder / name)

    ran = runs.one(folder, "check", "--no-cache", seconds=5)

    assert ran.code in (1, 2), ran.said
    assert "Traceback" not in ran.said
    assert ran.megabytes < MEMORY
    if ran.code == 1:  # nobody misses it: then the rest is checked
        assert "WXP202" in ran.said


def test_odd_names_are_told_apart_and_told_safely(folder):
    names = [
        b"two\nlines.csv", b"\x1b[31mred\x1b]0;title\x07.csv", b"caf\xe9.csv", b"\xed\xa0\x80.csv", b"tab\there.csv",
        b"::error::x.csv", b"##[error].csv", b"<script>.csv", b"`a`|b.csv", b"%0A::x.csv", b"-.csv", b"--help.csv",
        b"a'b\"c.csv", b"[x]*?{a,b}.csv", b" lead.csv", b"trail .csv", b"\xe2\x80\xaegnp.csv", b"x" * 250 + b".csv",
        b"back\\slash.csv", b"$HOME.csv", b"~$lock.csv",
    ]  # fmt: skip
    for name in names:
        (folder / "transfers" / os.fsdecode(name)).write_text(BAD)
    deep = folder / "transfers" / "/".join(["d" * 200] * 9)
    deep.mkdir(parents=True)
    (deep / "x.csv").write_text(BAD)

    formats = ("full", "concise", "github", "azure", "markdown", "html", "junit", "sarif", "gitlab", "rdjson", "jsonl")
    ran, found, summary = check(folder, formats=formats)

    assert summary["files"] == len(names) + 1  # the lock file is none, the deep one and the witness are
    assert sum(codes.count("WXP202") for codes in found.values()) == len(names) + 1
    for name in formats[1:]:
        text = (folder / f"{name}.out").read_bytes()
        assert not any(byte in text for byte in (b"\x1b", b"\x07", b"\xe2\x80\xae")), name
    assert not set("\x1b\x07") & set(ran.said)


def test_a_file_of_ten_gigabytes(folder):
    with (folder / "transfers/huge.csv").open("wb") as out:
        out.truncate(10 << 30)
    with (folder / "transfers/huge.xlsx").open("wb") as out:
        out.truncate(10 << 30)

    ran, found, _ = check(folder, seconds=5)

    assert found["transfers/huge.csv"] == found["transfers/huge.xlsx"] == ["WXP101"]
    assert ran.megabytes < MEMORY


def test_a_file_that_shrinks_and_grows_while_it_is_read(folder):
    rows = "".join(f"5C{site}823{n:04},{corpus.ID}\n" for site in "BCDFGH" for n in range(10_000)).encode()
    moving = folder / "transfers/moving.csv"
    moving.write_bytes(rows)
    done = threading.Event()

    def move():
        while not done.is_set():
            for size in (0, len(rows) // 3, len(rows)):
                moving.write_bytes(rows[:size]) if size else moving.unlink(missing_ok=True)
                os.truncate(moving, size) if size else None

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for _ in range(3):
            check(folder, formats=("concise",))
    finally:
        done.set()
        mover.join()


def test_a_file_without_permission(folder):
    shut = folder / "transfers/shut.csv"
    shut.write_text(GOOD)
    shut.chmod(0)
    limit = runs.bounded()

    def as_anybody():
        runs.as_anybody()
        limit()

    if not subprocess.run(["cat", shut], preexec_fn=runs.as_anybody, capture_output=True, check=False).returncode:
        pytest.skip("this system lets its user read everything")

    _, found, _ = check(folder, preexec_fn=as_anybody)

    assert found["transfers/shut.csv"] == ["WXP101"]
