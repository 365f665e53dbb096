import subprocess
from datetime import date, datetime

import pytest

from wxp_lint.config.settings import InventorySource
from wxp_lint.errors import UsageError
from wxp_lint.facts.build import Inputs, build
from wxp_lint.facts.transfers import Loaded
from wxp_lint.files.header import words
from wxp_lint.files.limits import Limits
from wxp_lint.files.model import Source
from wxp_lint.files.read import read
from wxp_lint.inventory.devices import PERSONAL

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
CONTOSO = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
CUSTOMERS = f"customer_id,name,folder,aliases\n{ACME},Acme,acme,\n{CONTOSO},Contoso Ltd,contoso,Con;Toso\n"
A, B, C, D = "5CG8234XMV", "5CG02382XZ", "SGH327SZYD", "5CD9123KLM"


class Repo:
    def __init__(self, folder):
        self.folder = folder
        self.files = []
        self.sources = []

    def transfer(self, path, *serials, target=ACME, checked=True):
        file = self.write(path, "Serial Number,Customer ID", *(f"{serial},{target}" for serial in serials))
        found = read(Source(path, file), words(), Limits(), self.folder)
        self.files.append(Loaded(found, checked, True, True))

    def inventory(self, path, *lines, **given):
        if lines:
            self.write(path, *lines)
        self.sources.append(InventorySource(path=path, **given))

    def write(self, path, *lines):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def facts(self, customers=CUSTOMERS, repo_wide=True, **given):
        registry = customers and ("customers.csv", customers.encode())
        inputs = Inputs(
            self.files,
            words(),
            self.folder,
            self.sources,
            customers=registry,
            repo_wide=repo_wide,
            personal=PERSONAL,
            **given,
        )
        return build(inputs)

    def rows(self, query, **given):
        return self.facts(**given).con.execute(query).fetchall()

    def git(self, *args, day="2026-05-01"):
        stamp = f"{day}T12:00:00Z"
        identity = ("-c", "user.name=tester", "-c", "user.email=tester@example.org")
        subprocess.run(
            ["git", *identity, *args],
            cwd=self.folder,
            check=True,
            capture_output=True,
            env={"GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp, "PATH": "/usr/bin:/bin"},
        )


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path)


def test_without_an_inventory_the_tables_are_there(repo):
    repo.transfer("x.csv", A)
    facts = repo.facts()
    assert facts.absent["device"] == "no inventory configured"
    for table in ("device", "place", "located", "unseen", "near", "last_user"):
        assert facts.con.execute(f"from {table}").fetchall() == []


def test_only_devices_that_rows_name_are_kept(repo):
    repo.transfer("x.csv", A, B)
    repo.transfer("y.csv", C, checked=False)
    repo.inventory("u.csv", "SN,Device Name", f"{A},PC-1", f" {C.lower()},PC-2", f"{D},PC-3", place="unassigned")
    assert repo.rows("select serial_key, customer_key, place, device_name from device order by all") == [
        (A, None, "Unassigned", "PC-1"),
        (C, None, "Unassigned", "PC-2"),
    ]
    assert repo.rows("select path, line, serial from unseen") == [("x.csv", 3, B)]


def test_how_many_rows_are_where(repo):
    repo.transfer("x.csv", A, B, C, "5CG9999ZZZ")
    repo.transfer("y.csv", D)
    repo.inventory("u.csv", "SN", A, C, place="Unassigned")
    repo.inventory("c.csv", "SN", B, D, place="contoso")
    assert repo.rows("select path, place, customer_key, rows, places from located order by all") == [
        ("x.csv", "Contoso Ltd", CONTOSO.upper(), 1, 2),
        ("x.csv", "Unassigned", None, 2, 2),
        ("y.csv", "Contoso Ltd", CONTOSO.upper(), 1, 1),
    ]
    assert repo.rows("select place, source, devices from place order by all") == [
        ("Contoso Ltd", "c.csv", 2),
        ("Unassigned", "u.csv", 2),
    ]


def test_a_pc_in_two_rows_is_one_device(repo):
    repo.transfer("x.csv", A, A)
    repo.transfer("y.csv", A)
    repo.inventory("u.csv", "SN", A)
    assert repo.rows("select serial_key, places from device") == [(A, 1)]
    assert repo.rows("select path, rows from located order by path") == [("x.csv", 2), ("y.csv", 1)]
    assert repo.rows("select devices from place") == [(1,)]


@pytest.mark.parametrize("place", ["contoso", "Contoso Ltd", "contosoltd", CONTOSO, CONTOSO.upper(), "con", "TOSO"])
def test_a_place_by_any_name(repo, place):
    repo.transfer("x.csv", A, B)
    repo.inventory("c.csv", "SN", A, place=place)
    repo.inventory("all.csv", "SN,Customer", f"{B},{place}")
    assert repo.rows("select place, customer_key from device") == [("Contoso Ltd", CONTOSO.upper())] * 2


@pytest.mark.parametrize("place", ["", "unassigned", "Unassigned Devices", "UNASSIGNED"])
def test_unassigned_by_any_name(repo, place):
    repo.transfer("x.csv", A)
    repo.inventory("all.csv", "SN,Customer,x", f"{A},{place},")
    assert repo.rows("select place, customer_key, place_key from device") == [("Unassigned", None, None)]


def test_unassigned_by_its_own_customer_id(repo):
    repo.transfer("x.csv", A)
    repo.inventory("all.csv", "SN,Customer ID", f"{A},id-of-unassigned")
    found = repo.rows("select place, customer_key, place_key from device", places={"unassigned": "ID-of-Unassigned"})
    assert found == [("Unassigned", None, "ID-OF-UNASSIGNED")]


def test_the_config_s_place_stands_above_a_column(repo):
    repo.transfer("x.csv", A)
    repo.inventory("u.csv", "SN,Company Name", f"{A},Our Own Company", place="unassigned")
    assert repo.rows("select place from device") == [("Unassigned",)]


def test_a_customer_that_the_registry_lacks(repo):
    repo.transfer("x.csv", A)
    repo.inventory("all.csv", "SN,Customer", f"{A}, Fabrikam ")
    assert repo.rows("select place, customer_key from device") == [("Fabrikam", "FABRIKAM")]


def test_a_place_that_the_registry_lacks(repo):
    repo.transfer("x.csv", A)
    repo.inventory("c.csv", "SN", A, place="contosso")
    with pytest.raises(UsageError, match=r"inventory c.csv: place 'contosso' is no customer.*did you mean"):
        repo.facts()


@pytest.mark.parametrize("registry", [CUSTOMERS, None])
def test_a_place_of_the_config_that_is_none(repo, registry):
    with pytest.raises(
        UsageError, match=r"^\[places\.unasigned\] in the config is no place; did you mean 'unassigned'"
    ):
        repo.facts(customers=registry, places={"unasigned": "11111111-2222-4333-8444-555555555555"})


def test_a_place_without_a_registry(repo):
    repo.transfer("x.csv", A)
    repo.inventory("c.csv", "SN", A, place="contoso")
    assert repo.rows("select place, customer_key from device", customers=None) == [("contoso", "CONTOSO")]


@pytest.mark.parametrize(
    ("first", "second", "places"),
    [
        ("u-2026-06-01.csv", "c-2026-06-02.csv", ["Contoso Ltd"]),
        ("u-2026-06-02.csv", "c-2026-06-01.csv", ["Unassigned"]),
        ("u-2026-06-01.csv", "c-2026-06-01.csv", ["Contoso Ltd", "Unassigned"]),
        ("u.csv", "c.csv", ["Contoso Ltd", "Unassigned"]),
        ("u-2020-01-01.csv", "c.csv", ["Unassigned"]),
    ],
)
def test_the_newest_list_tells_the_place(repo, first, second, places):
    repo.transfer("x.csv", A, B)
    repo.inventory(first, "SN", A, B, place="unassigned")
    repo.inventory(second, "SN", A, place="contoso")
    found = repo.rows(f"select place, places from device where serial_key = '{A}' order by place")
    assert found == [(place, len(places)) for place in places]
    located = repo.rows("select place, rows from located order by place")
    certain = {"Unassigned": 1} | ({places[0]: 1 + (places == ["Unassigned"])} if len(places) == 1 else {})
    assert located == sorted(certain.items())


def test_several_lists_of_one_place(repo):
    repo.transfer("x.csv", A)
    for day in ("2026-06-01", "2026-06-03", "2026-06-02"):
        repo.inventory(f"inventory/u-{day}.csv", "SN", A)
    assert repo.rows("select place, as_of, places from device") == [("Unassigned", date(2026, 6, 3), 1)]
    assert repo.rows("select as_of, devices from place where devices > 0") == [(date(2026, 6, 3), 1)]


def test_a_list_that_names_a_pc_twice(repo):
    repo.transfer("x.csv", A)
    repo.inventory("all.csv", "SN,Customer,As of", f"{A},contoso,2026-06-01", f"{A},Con,2026-06-01", f"{A},,2026-05-01")
    assert repo.rows("select place, as_of, places from device") == [("Contoso Ltd", date(2026, 6, 1), 1)]


def test_the_age_comes_from_a_column_then_the_name_then_the_config(repo):
    repo.transfer("x.csv", A, B)
    given = date(2026, 1, 1)
    repo.inventory("c-2026-06-02.csv", "SN,As of", f"{A},2026-06-05T08:00:00Z", f"{B},n/a", as_of=given)
    repo.inventory("u-2026-06-01.csv", "SN", C, as_of=given)
    repo.inventory("v.csv", "SN", C, as_of=given)
    assert repo.rows("select serial_key, as_of from device order by all") == [
        (B, date(2026, 6, 2)),
        (A, date(2026, 6, 5)),
    ]
    assert repo.rows("select source, as_of from place order by all") == [
        ("c-2026-06-02.csv", date(2026, 6, 5)),
        ("u-2026-06-01.csv", date(2026, 6, 1)),
        ("v.csv", given),
    ]


@pytest.fixture
def committed(repo):
    """Two lists that git has seen on different days, a third that it has not."""
    repo.git("init", "--quiet")
    for path, day in (("old.csv", "2026-04-01"), ("new.csv", "2026-05-01")):
        repo.write(path, "SN", A)
        repo.git("add", path)
        repo.git("commit", "--quiet", "-m", path, day=day)
    repo.write("draft.csv", "SN", A)
    return repo


def test_the_age_of_last_resort_is_the_last_commit(committed):
    committed.transfer("x.csv", A)
    for path in ("old.csv", "new.csv", "draft.csv"):
        committed.inventory(path)
    assert committed.rows("select source, as_of from place order by all") == [
        ("draft.csv", None),
        ("new.csv", date(2026, 5, 1)),
        ("old.csv", date(2026, 4, 1)),
    ]


def test_git_is_asked_for_ages_where_lists_disagree(committed):
    committed.transfer("x.csv", A)
    committed.inventory("old.csv", place="acme")
    committed.inventory("new.csv", place="contoso")
    assert committed.rows("select place from device", repo_wide=False) == [("Contoso Ltd",)]


def test_a_shallow_clone_does_not_make_lists_young(committed, tmp_path_factory):
    shallow = tmp_path_factory.mktemp("shallow")
    source = f"file://{committed.folder}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", source, str(shallow / "clone")], check=True)
    clone = Repo(shallow / "clone")
    clone.transfer("x.csv", A)
    clone.inventory("old.csv")
    assert clone.rows("select source, as_of from place") == [("old.csv", None)]


@pytest.mark.parametrize(
    ("unseen", "inventory", "near"),
    [
        ("5CG8234MXV", [A], [A]),
        ("5CG8234XM", [A], [A]),
        ("5CG82334XMV", [A], [A]),
        ("5CG8234XMZ", [A], [A]),
        ("5CGB234XMV", [A, "5CGC234XMV"], [A]),
        ("5CG8243XWV", [A], []),
        ("ABC", ["ABD"], []),
        ("5CG8234XM9", [f"5CG8234XM{last}" for last in "BCDF"], []),
        ("5CG8234XM9", [f"5CG8234XM{last}" for last in "BCD"], ["5CG8234XMB", "5CG8234XMC", "5CG8234XMD"]),
        ("5CG8234XM9", [f" {A.lower()} "], [A]),
    ],
)
def test_one_edit_away(repo, unseen, inventory, near):
    repo.transfer("x.csv", unseen)
    repo.inventory("u.csv", "SN", *inventory, "5CG0000BBB")
    assert sorted(serial for (serial,) in repo.rows("select serial from near")) == near


def test_what_another_row_names_is_not_what_is_meant(repo):
    repo.transfer("x.csv", "5CG8234XMZ", A)
    repo.inventory("u.csv", "SN", A)
    assert repo.rows("from near") == []


def test_last_users_by_domain(repo):
    repo.transfer("x.csv", A, B, C, D)
    repo.inventory(
        "u.csv",
        "SN,Last User,Last Seen",
        f"{A},jo@Contoso.example,2026-06-01 10:00:00",
        rf"{B},CONTOSO\al,03.06.2026 09:30",
        f"{C},eve@contoso.example,yesterday",
        f"{D},mallory,",
    )
    assert repo.rows("select domain, devices from last_user order by all") == [("contoso", 1), ("contoso.example", 2)]
    assert [str(seen) for (seen,) in repo.rows("select last_seen from located")] == ["2026-06-03 09:30:00"]


def test_an_empty_inventory_says_so_once(repo):
    repo.transfer("x.csv", A, B)
    repo.inventory("u.csv", "SN", place="unassigned")
    repo.inventory("c.csv", "SN,Name", ",x", place="contoso")
    facts = repo.facts()
    assert facts.absent["device"] == "the inventory is empty: no device in u.csv, c.csv"
    assert facts.con.execute("from unseen").fetchall() == []


def test_an_inventory_of_other_pcs_is_not_empty(repo):
    repo.transfer("x.csv", A)
    repo.inventory("u.csv", "SN", D)
    facts = repo.facts()
    assert "device" not in facts.absent
    assert facts.con.execute("select serial from unseen").fetchall() == [(A,)]


def move(serial, to, at):
    return {"serial_key": serial, "customer_key": to and to.upper(), "at": at}


@pytest.mark.parametrize(
    ("listed", "moves", "place"),
    [
        ("2026-06-01", [(CONTOSO, "2026-06-02")], "Contoso Ltd"),
        ("2026-06-01", [(CONTOSO, datetime(2026, 6, 2, 10, 30))], "Contoso Ltd"),
        ("2026-06-01", [(CONTOSO, "2026-06-02T10:30:00+00:00")], "Contoso Ltd"),
        ("2026-06-03", [(CONTOSO, "2026-06-02T10:30:00")], "Unassigned"),
        ("2026-06-02", [(CONTOSO, "2026-06-02T10:30:00")], "Contoso Ltd"),
        ("", [(CONTOSO, "2026-06-02")], "Contoso Ltd"),
        ("2026-06-01", [(CONTOSO, "2026-06-02"), (ACME, "2026-06-03")], "Acme"),
        ("2026-06-01", [(ACME, "2026-06-02T11:00:00"), (CONTOSO, "2026-06-02T10:00:00")], "Acme"),
        ("2026-06-01", [(CONTOSO, "2026-06-02"), (None, "2026-06-03")], "Unassigned"),
        ("2026-06-01", [(CONTOSO, "2026-05-02")], "Unassigned"),
    ],
)
def test_a_confirmed_move_is_a_witness_too(repo, listed, moves, place):
    repo.transfer("x.csv", A, B)
    repo.inventory("u.csv", "SN,As of", f"{A},{listed}", f"{B},{listed}", place="unassigned")
    rows = [move(A, to, at) for to, at in moves]
    found = repo.rows(f"select place, places from device where serial_key = '{A}'", moves=rows)
    assert found == [(place, 1)]


def test_a_pc_that_only_a_move_names_is_where_that_took_it(repo):
    repo.transfer("x.csv", A, B)
    repo.inventory("u-2026-06-01.csv", "SN", C, place="unassigned")
    facts = repo.facts(moves=[move(A, ACME, "2026-05-01"), move(D, CONTOSO, "2026-05-01")])
    assert facts.con.execute("select serial_key, place, place_key from device").fetchall() == [
        (A, "Acme", ACME.upper())
    ]
    assert facts.con.execute("select serial from unseen").fetchall() == [(B,)]
    assert facts.con.execute("select source, devices from place").fetchall() == [("u-2026-06-01.csv", 0)]


def test_moves_are_no_inventory(repo):
    repo.transfer("x.csv", A)
    moves = [move(A, ACME, "2026-05-01")]
    assert repo.facts(moves=moves).absent["device"] == "no inventory configured"
    repo.inventory("u.csv", "SN")
    assert repo.facts(moves=[move(B, ACME, "2026-05-01")]).absent["device"].startswith("the inventory is empty")


def test_two_exports_that_disagree_and_a_move_on_their_day(repo):
    repo.transfer("x.csv", A)
    repo.inventory("u-2026-06-02.csv", "SN", A, place="unassigned")
    repo.inventory("c-2026-06-02.csv", "SN", A, place="contoso")
    assert len(repo.rows("from device")) == 2
    assert repo.rows("select place, places from device", moves=[move(A, CONTOSO, "2026-06-02")]) == [("Contoso Ltd", 1)]


def test_a_list_that_is_not_there(repo):
    repo.transfer("x.csv", A)
    repo.inventory("u.csv", "SN", A)
    repo.inventory("exports/*.csv")
    assert repo.facts().absent["device"].startswith("there is no inventory exports/*.csv")


def test_what_duckdb_refuses_is_read_otherwise(repo):
    repo.transfer("x.csv", A, B, C)
    repo.inventory("u.csv", "SN", A, place="unassigned")
    repo.inventory("c.csv", "SN,Name", f'{B},"two\nlines"', place="contoso")
    repo.inventory("all.csv", "SN,Name,Customer", f'{C},"a" b,acme')
    assert repo.rows("select serial_key, place from device order by all") == [
        (B, "Contoso Ltd"),
        (A, "Unassigned"),
        (C, "Acme"),
    ]


def test_serials_in_other_forms_meet(repo):
    repo.transfer(
        "x.csv", "".join(chr(ord(c) + 0xFEE0) for c in A.lower()), f" {B.lower()}\u00a0", C[:5] + "\u200b" + C[5:]
    )
    repo.inventory("u.csv", "SN", A.lower(), f"{B[:3]} {B[3:]}", f"\u00a0{C}")
    assert repo.rows("from unseen") == []
