"""A run on named files finds the same, whatever is remembered of the other open files and whether they are opened."""

import os
import random
import time
from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from wxp_lint.config.settings import Settings
from wxp_lint.lint import check as checking
from wxp_lint.lint import others
from wxp_lint.lint.catalogue import load
from wxp_lint.lint.check import Request, check, examine
from wxp_lint.repo.select import select

ACME, CONTOSO = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11", "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
SERIALS = [f"5CG{n:03}{tail}" for n in range(101, 140) for tail in ("2XZC", "3YBD")]
HEADER = "Serial Number,Customer ID\n"
LATER = 10_000_000_000  # nanoseconds


@pytest.fixture(scope="module")
def catalogue():
    """All rules."""
    return load([])


@pytest.fixture
def repo(tmp_path, monkeypatch):
    """The root of a repository; its cache, outside; and a clock that calls every file old."""
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(others, "time_ns", lambda: time.time_ns() + LATER)
    root = tmp_path / "repo"
    (root / "transfers").mkdir(parents=True)
    (root / "wxp-lint.toml").write_text("")
    return root


@pytest.fixture
def lint(repo, catalogue):
    """Lints a file: the findings, and how many files were opened."""

    def run(name, *, remember=True, everything=False, settings=None):
        settings = settings or Settings(repo, repo / "wxp-lint.toml")
        request = Request(
            select(settings, [str(repo / name)], cwd=repo, force_exclude=False), date(2026, 11, 24), remember=remember
        )
        opened = []
        with pytest.MonkeyPatch.context() as patch:
            read = checking.read
            patch.setattr(checking, "read", lambda source, *rest: opened.append(source.path) or read(source, *rest))
            if everything:
                result, _ = examine(settings, catalogue, request, lambda facts: None)
            else:
                result = check(settings, catalogue, request)
        return [(f.code, f.path, f.line, f.message) for f in result.findings], opened

    return run


@pytest.fixture
def agree(lint):
    """Lints a file: with what is remembered, without, and with every open file loaded; the findings are the same."""

    def run(name, **options):
        found, opened = lint(name, **options)
        assert found == lint(name, remember=False, **options)[0]
        assert found == lint(name, everything=True, **options)[0]
        return found, opened

    return run


def put(root, name, content):
    """Writes a file."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def csv(serials, customer=ACME):
    """A plain transfer."""
    return HEADER + "".join(f"{serial},{customer}\n" for serial in serials)


def book(serials, customer=ACME, cast=str):
    """The same as a workbook."""
    workbook = Workbook()
    workbook.active.append(["Serial Number", "Customer ID"])
    for serial in serials:
        workbook.active.append([cast(serial), customer])
    workbook.save(out := BytesIO())
    return out.getvalue()


def fill(root, count=30):
    """Transfers that have nothing in common."""
    for n in range(count):
        put(root, f"transfers/{n:02}.csv", csv(SERIALS[2 * n : 2 * n + 2]))


def test_unchanged_files_that_share_no_pc_are_not_opened_again(repo, agree, lint):
    fill(repo)
    assert len(lint("transfers/00.csv")[1]) == 30
    assert agree("transfers/00.csv") == ([], ["transfers/00.csv"])
    put(repo, "transfers/07.csv", csv([SERIALS[0], SERIALS[14]], CONTOSO))
    found, opened = agree("transfers/00.csv")
    assert [code for code, *_ in found] == ["WXP402"]
    assert opened == ["transfers/00.csv", "transfers/07.csv"]
    assert agree("transfers/00.csv") == (found, opened)
    assert lint("transfers/07.csv")[1] == ["transfers/07.csv", "transfers/00.csv"]
    (repo / "transfers/07.csv").unlink()
    assert agree("transfers/00.csv") == ([], ["transfers/00.csv"])


def test_where_nothing_is_remembered_every_file_is_opened(repo, lint, monkeypatch):
    fill(repo)
    for _ in range(2):
        assert len(lint("transfers/00.csv", remember=False)[1]) == 30
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", "")
    for _ in range(2):
        assert len(lint("transfers/00.csv")[1]) == 30


def test_a_few_files_are_not_remembered(repo, lint, tmp_path):
    fill(repo, others.FEW + 1)
    for _ in range(2):
        assert len(lint("transfers/00.csv")[1]) == others.FEW + 1
    assert not (tmp_path / "cache/held").exists()


def test_a_file_that_was_just_written_is_opened_the_next_time_too(repo, lint, monkeypatch):
    fill(repo)
    monkeypatch.setattr(others, "time_ns", time.time_ns)
    for _ in range(2):
        assert len(lint("transfers/00.csv")[1]) == 30
    # An edit of the same size within a tick of the clock changes none of a file's times.
    put(repo, "transfers/07.csv", csv([SERIALS[0], SERIALS[15]]))
    assert [code for code, *_ in lint("transfers/00.csv")[0]] == ["WXP403"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change")
def test_an_edit_of_the_same_size_with_its_old_time_is_seen(repo, agree):
    fill(repo)
    agree("transfers/00.csv")
    file = repo / "transfers/07.csv"
    times, size = file.stat(), file.stat().st_size
    put(repo, "transfers/07.csv", csv([SERIALS[0], SERIALS[15]]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (size, times.st_mtime_ns)
    assert [code for code, *_ in agree("transfers/00.csv")[0]] == ["WXP403"]


def test_other_header_words_make_another_memory(repo, lint):
    for n in range(30):
        put(repo, f"transfers/{n:02}.csv", f"note,x\nGeraet,Ziel\n{SERIALS[n]},{ACME}\n")
    lint("transfers/00.csv")
    plain = Settings(repo, repo / "wxp-lint.toml")
    settings = plain._replace(columns=plain.columns._replace(serial=("Geraet",), customer=("Ziel",)))
    assert len(lint("transfers/00.csv", settings=settings)[1]) == 30
    assert len(lint("transfers/00.csv", settings=settings)[1]) == 1


def test_damage_to_what_is_remembered_changes_no_finding(repo, lint, tmp_path):
    fill(repo)
    put(repo, "transfers/07.csv", csv([SERIALS[0], SERIALS[14]], CONTOSO))
    found, _ = lint("transfers/00.csv")
    (entry,) = (tmp_path / "cache/held").iterdir()
    whole = entry.read_bytes()
    rng = random.Random(3)
    for at in (rng.randrange(len(whole)) for _ in range(8)):
        entry.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        again, opened = lint("transfers/00.csv")
        assert again == found
        assert len(opened) == 30


SHAPES = {
    "plain": csv,
    "quoted": lambda serials, customer=ACME: HEADER + "".join(f'"{serial}","{customer}"\n' for serial in serials),
    "semicolons": lambda serials, customer=ACME: csv(serials, customer).replace(",", ";"),
    "swapped": lambda serials, customer=ACME: (
        "Customer ID,Serial Number\n" + "".join(f"{customer},{serial}\n" for serial in serials)
    ),
    "no header": lambda serials, customer=ACME: csv(serials, customer).removeprefix(HEADER),
    "preamble": lambda serials, customer=ACME: f"List of May\n\n{csv(serials, customer)}",
    "header again": lambda serials, customer=ACME: csv(serials, customer) + HEADER,
    "small letters": lambda serials, customer=ACME: csv(map(str.lower, serials), customer),
    "blanks": lambda serials, customer=ACME: csv([f" {serial[:4]} {serial[4:]}" for serial in serials], customer),
    "no-break space": lambda serials, customer=ACME: csv([f"\xa0{serial}" for serial in serials], customer),
    "full width": lambda serials, customer=ACME: csv(
        [s[:3] + chr(0xFF10 + int(s[3])) + s[4:] for s in serials], customer
    ),
    "crlf, bom": lambda serials, customer=ACME: "\ufeff" + csv(serials, customer).replace("\n", "\r\n"),
    "utf-16": lambda serials, customer=ACME: csv(serials, customer).encode("utf-16"),
    "no customer": lambda serials, customer=ACME: csv(serials, ""),
    "two customers": lambda serials, customer=ACME: csv(serials, ACME) + csv(serials[:1], CONTOSO).removeprefix(HEADER),
    "open quote": lambda serials, customer=ACME: csv(serials, customer) + '"5CG',
    "one column": lambda serials, customer=ACME: "Serial Number\n" + "\n".join(serials),
    "nul": lambda serials, customer=ACME: csv(serials, customer) + "\0",
    "empty": lambda serials, customer=ACME: b"",
}


UNREADABLE = ("nul", "broken workbook")
UNTOLD = ("empty", "no customer", "one column")  # where to is not known, so nothing is at odds


def test_each_shape_of_a_file_is_found_to_share_a_pc(repo, agree):
    fill(repo)
    shapes = SHAPES | {"workbook": book, "broken workbook": lambda *_: b"PK\3\4"}
    shared = dict(zip(shapes, SERIALS[1::2]))
    put(repo, "transfers/own.csv", csv(shared.values()))
    for n in range(30):
        (repo / f"transfers/{n:02}.csv").write_text(csv([SERIALS[2 * n], f"MXL{n:03}4ZZZ"]))
    for shape, make in shapes.items():
        put(repo, f"transfers/{shape}.{'xlsx' if 'workbook' in shape else 'csv'}", make([shared[shape]], CONTOSO))
    first, _ = agree("transfers/own.csv")
    second, opened = agree("transfers/own.csv")
    assert first == second
    conflicts = [line for code, _, line, _ in first if code == "WXP402"]
    assert conflicts == [n for n, shape in enumerate(shapes, 2) if shape not in (*UNREADABLE, *UNTOLD)]
    assert len(opened) == 1 + len(shapes) - len(["empty"])
    other, opened = agree("transfers/20.csv")
    assert [code for code, *_ in other] == []
    assert len(opened) == 1 + len(UNREADABLE)  # what could not be read is tried again


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_edited_in_whatever_order_each_run_finds_the_same(repo, agree, seed):
    rng = random.Random(seed)
    names = [f"transfers/{n:02}.csv" for n in range(26)]

    def edit():
        name, other = rng.sample(names, 2)
        file, there = repo / name, (repo / name).exists() and not (repo / name).is_symlink()
        what = rng.choice(["write", "write", "write", "delete", "touch", "swap", "same size", "link", "age"])
        if what == "write" or not there:
            serials = rng.sample(SERIALS[:12], rng.randrange(1, 4))
            file.unlink(missing_ok=True)
            put(repo, name, rng.choice(list(SHAPES.values()))(serials, rng.choice([ACME, CONTOSO])))
        elif what == "delete":
            file.unlink()
        elif what == "touch":
            file.touch()
        elif what == "age":
            os.utime(file, (1, 1))
        elif what == "swap" and (repo / other).exists():
            file.rename(repo / "aside")
            (repo / other).rename(file)
            (repo / "aside").rename(repo / other)
        elif what == "same size":
            times = file.stat()
            file.write_bytes(file.read_bytes().translate(bytes.maketrans(b"13", b"31")))
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        elif what == "link":
            file.unlink()
            file.symlink_to(repo / other)

    fill(repo, 26)
    found = []
    for _ in range(10):
        for _ in range(rng.randrange(1, 5)):
            edit()
        name = rng.choice([name for name in names if os.path.lexists(repo / name)])
        found += [code for code, *_ in agree(name)[0]]
    assert {"WXP402", "WXP403"} & set(found)
