"""The registry of customers: what it may look like, and what is said where it cannot be used."""

import csv
import io
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.config.load import load
from wxp_lint.database import connect
from wxp_lint.errors import UsageError
from wxp_lint.facts.customers import load_customers, read_customers
from wxp_lint.facts.sql import run
from wxp_lint.keys import key
from wxp_lint.lint import catalogue
from wxp_lint.lint.check import Request, check
from wxp_lint.repo.select import select

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
GLOBEX = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"


@cache
def database():
    con = connect()
    run(con, "schema.sql")
    return con


def rows(text):
    """The table `customer` as dicts, in the order of the file."""
    con = database()
    con.execute("delete from customer")
    load_customers(con, text if isinstance(text, bytes) else text.encode(), "customers.csv")
    found = con.execute("from customer order by line")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row)) for row in found.fetchall()]


def test_every_column():
    found = rows(
        "customer_id,name,folder,status,merged_into,protected,domains,aliases,owners\n"
        f"{ACME},Acme,emea/acme,active,,true,acme.com;@Acme.org|acme.net;@,ACME Corp ; Acme Ltd;,Team North\n"
        f"{GLOBEX},Globex,,closed,,no,,,\n"
    )

    assert found == [
        {
            "customer_key": ACME.upper(),
            "customer_id": ACME,
            "name": "Acme",
            "folder": "emea/acme",
            "status": "active",
            "merged_into": None,
            "protected": True,
            "domains": ["acme.com", "acme.org", "acme.net"],
            "aliases": ["ACME Corp", "Acme Ltd"],
            "owners": ["Team North"],
            "name_keys": ["ACME", "ACMECORP", "ACMELTD"],
            "line": 2,
        },
        {
            "customer_key": GLOBEX.upper(),
            "customer_id": GLOBEX,
            "name": "Globex",
            "folder": None,
            "status": "closed",
            "merged_into": None,
            "protected": False,
            "domains": [],
            "aliases": [],
            "owners": [],
            "name_keys": ["GLOBEX"],
            "line": 3,
        },
    ]


def test_two_columns_suffice():
    (found,) = rows(f"customer_id,name\n{ACME},Acme\n")

    assert (found["status"], found["protected"], found["folder"]) == ("active", False, None)


@pytest.mark.parametrize(
    "text",
    [
        f"Customer ID,NAME,Merged Into\n{ACME},Acme,\n",
        f"name,notes,customer-id\nAcme,since 2019,{ACME}\n",
        f"\n\ncustomer_id,name\n\n{ACME},Acme\n , \n\n",
        f"customer_id,name\r\n{ACME},Acme\r\n",
        f"customer_id,name\r{ACME},Acme\r",
        f"customer_id,name\n{ACME},Acme",
        f'"customer_id";"name"\n"{ACME}";"Acme"\n',
        f"customer_id\tname\n{ACME}\tAcme\n",
        f"customer_id,name,,\n {ACME} ,Acme,,\n",
        f"\ufeffcustomer_id,name\n{ACME},Acme\n".encode(),
        f"\ufeffcustomer_id,name\n{ACME},Acme\n".encode("utf-16-le"),
    ],
)
def test_spellings_of_the_same_registry(text):
    assert [(row["customer_id"], row["name"]) for row in rows(text)] == [(ACME, "Acme")]


def test_semicolons_between_the_columns_leave_bars_for_the_lists():
    (found,) = rows(f'customer_id;name;aliases;domains\n{ACME};Acme, Inc.;A|B;"a.com;b.com"\n')

    assert (found["name"], found["aliases"], found["domains"]) == (
        "Acme, Inc.",
        ["A", "B"],
        ["a.com", "b.com"],
    )


def test_lines_are_counted_as_an_editor_does():
    found = rows(f'customer_id,name\n\n{ACME},"Acme\nCorp"\n{GLOBEX},Globex\n')

    assert [(row["name"], row["line"]) for row in found] == [("Acme\nCorp", 3), ("Globex", 5)]


@pytest.mark.parametrize(("word", "value"), [("TRUE", True), ("Yes", True), ("1", True), ("False", False), ("", False)])
def test_protected(word, value):
    (found,) = rows(f"customer_id,name,protected\n{ACME},Acme,{word}\n")

    assert found["protected"] is value


@pytest.mark.parametrize("folder", ["emea/acme", "/emea/acme/", "emea\\acme", "./emea//acme"])
def test_folder(folder):
    (found,) = rows(f"customer_id,name,folder\n{ACME},Acme,{folder}\n")

    assert found["folder"] == "emea/acme"


def test_names_are_compared_as_cells_are():
    (found,) = rows(f"customer_id,name,aliases\n{ACME},Stra\u00dfe & S\u00f6hne,\uff21cme\n")

    assert found["name_keys"] == ["STRASSE&S\u00d6HNE", "ACME"]


@pytest.mark.parametrize("into", [GLOBEX, GLOBEX.upper(), "globex", "Globex Inc", "emea/globex"])
def test_who_carries_on_may_be_named_by_id_name_alias_or_folder(into):
    first, _ = rows(
        "customer_id,name,folder,merged_into,aliases\n"
        f"{ACME},Acme,acme,{into},\n"
        f"{GLOBEX},Globex,emea/globex,,Globex Inc\n"
    )

    assert (first["status"], first["merged_into"]) == ("merged", GLOBEX)


def test_who_carries_on_was_merged_too():
    found = rows(f"customer_id,name,merged_into\n{ACME},Acme,Globex\n{GLOBEX},Globex,Initech\n12345,Initech,\n")

    assert [row["merged_into"] for row in found] == ["12345", "12345", None]


def test_who_carries_on_need_not_be_registered():
    (found,) = rows(f"customer_id,name,merged_into\n{ACME},Acme,Umbrella\n")

    assert found["merged_into"] == "Umbrella"


def test_two_customers_may_share_an_alias():
    found = rows(f"customer_id,name,aliases\n{ACME},Acme North,Acme\n{GLOBEX},Acme South,Acme\n")

    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the column customer_id is missing"),
        ("12345,Acme", ":1: the column customer_id is missing"),
        ("\n\ncustomer_id,folder", ":3: the column name is missing"),
        ("customer_id,name,Name", ":1: the column name is there twice"),
        ("customer_id,name,protectd", ":1: there is no column 'protectd'; did you mean 'protected'?"),
        ("customer_id,name,owner", ":1: there is no column 'owner'; did you mean 'owners'?"),
        ("custommer_id,name", ":1: there is no column 'custommer_id'; did you mean 'customer_id'?"),
        ('customer_id,name\n1,"Acme', ":2: unexpected end of data: mend the quotes in this line"),
        (b"customer_id,name\n1,M\xfcller", ":2: it is not UTF-8: save it as CSV UTF-8"),
        (b"PK\x03\x04...", ": it is a workbook: save it as CSV UTF-8"),
        (b"\xff\xfea", ":1: it is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read(text, message):
    with pytest.raises(UsageError) as raised:
        rows(text)

    assert str(raised.value).startswith(f"customers.csv{message}")


@pytest.mark.parametrize(
    ("column", "lines", "message"),
    [
        ("status", "1,", ":2: the name is missing"),
        ("status", "\u200b,Acme", ":2: the customer_id is missing"),
        ("status", "1,Acme, Inc.,active", ":2: it has more cells than the 3 columns"),
        (
            "status",
            "1,Acme,close",
            ":2: status must be one of active, closed, merged, not 'close'; did you mean",
        ),
        ("protected", "1,Acme,maybe", ":2: protected must be true or false (yes, no, 1, 0), not 'maybe'"),
        ("status,merged_into", "1,Acme,active,2", ":2: it is active and has merged_into"),
        ("status", "a 1,Acme\n2,Globex\nA1 ,Umbrella", ": lines 2 and 4 have the same customer_id 'A1'"),
        ("status", "1,Acme\n2,ACME", ": lines 2 and 3 have the same name 'ACME'"),
        ("folder", "1,Acme,a\n2,Globex,A/", ": lines 2 and 3 have the same folder 'A'"),
        ("aliases", "1,Acme,\n2,Globex,x;acme", ":3: the alias 'acme' is the name of the customer on line 2"),
        ("merged_into", "1,Acme,2\n2,Globex,1", ": merged_into leads round in a circle (line 2, 3)"),
        ("merged_into", "1,Acme,Acme", ": merged_into leads round in a circle (line 2)"),
    ],
)
def test_a_line_that_cannot_be_right(column, lines, message):
    with pytest.raises(UsageError) as raised:
        rows(f"customer_id,name,{column}\n{lines}\n")

    assert str(raised.value).startswith(f"customers.csv{message}")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(key),
        st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1)),
        min_size=1,
    ).filter(lambda names: len(set(map(key, names))) == len(names))
)
def test_whatever_a_program_writes_is_read_back(names):
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(["customer_id", "name", "domains"])
    writer.writerows([n, name, "|".join(domains)] for n, (name, domains) in enumerate(names.items()))

    found = rows(written.getvalue())

    assert [row["name"] for row in found] == list(names)
    wanted = [list(dict.fromkeys(domain.lower() for domain in domains)) for domains in names.values()]
    assert [row["domains"] for row in found] == wanted


def test_a_registry_that_is_not_there(tmp_path):
    (tmp_path / "folder").mkdir()

    with pytest.raises(UsageError, match=r"customers gone.csv: there is no such file: mend `customers`"):
        read_customers(tmp_path, "gone.csv")
    with pytest.raises(UsageError, match="customers folder: it is no file"):
        read_customers(tmp_path, "folder")


def checked(folder, config):
    """The result of a check of one transfer to Acme in `folder`."""
    path = folder / "transfers/acme/march.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n")
    (folder / "wxp-lint.toml").write_text(config)
    settings = load(folder / "wxp-lint.toml", folder)
    selection = select(settings, [], cwd=folder, force_exclude=False)
    return check(settings, catalogue.load(), Request(selection, date(2026, 6, 15)))


def why_not_run(result, code):
    return [rule.reason for rule in result.not_run if rule.code == code]


def test_a_check_reads_the_registry_that_the_config_names(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/who.csv").write_text(f"customer_id,name\n{GLOBEX},Globex\n")

    result = checked(tmp_path, 'customers = "lists/who.csv"')

    assert [finding.code for finding in result.findings] == ["WXP304"]
    assert why_not_run(result, "WXP304") == []


def test_without_a_registry_its_rules_do_not_run(tmp_path):
    assert why_not_run(checked(tmp_path, ""), "WXP304") == ["no customers file configured"]


def test_a_registry_of_nobody_is_as_good_as_none(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,name\n")

    result = checked(tmp_path, 'customers = "customers.csv"\nmust-run = ["unknown-customer"]')

    assert why_not_run(result, "WXP304") == ["customers.csv names no customer"]
    assert [rule.code for rule in result.must_run_failed] == ["WXP304"]


def test_a_pattern_that_is_no_regular_expression(tmp_path):
    with pytest.raises(UsageError, match=r"option 'pattern' of customer-id-format: \"\[A-Z\" is no regular expression"):
        checked(tmp_path, '[rules.customer-id-format]\npattern = "[A-Z"')


def test_a_chain_of_mergers_however_long_is_gone_once():
    count = 20_000  # by each from its start, these would be 200 million steps
    chain = "".join(f"c{n},N{n},merged,c{n + 1}\n" for n in range(count))
    found = rows(f"customer_id,name,status,merged_into\n{chain}c{count},End,active,\n")
    assert {row["merged_into"] for row in found[:-1]} == {f"c{count}"}


def test_more_columns_than_a_registry_has():
    with pytest.raises(UsageError, match=r"customers\.csv:1: it has 1,002 columns: this is no list of customers"):
        rows("customer_id,name" + ",nam3" * 1000)
