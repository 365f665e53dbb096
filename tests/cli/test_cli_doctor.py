"""`wxp-lint doctor` in real repositories: what it says of them, and that what it advises helps."""

import platform
import re
import sqlite3
import subprocess
import sys
from datetime import date, timedelta

import duckdb
import openpyxl
import pytest

from wxp_lint import __version__
from wxp_lint.lint import health

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
TODAY = date.today()
HOOKS = "repos:\n  - repo: https://example.org/wxp-lint\n    rev: v1\n    hooks:\n      - id: wxp-lint\n"
CONFIG = """
customers = "customers.csv"
must-run = ["unknown-customer", "device-not-visible"]
[inventory]
sources = [{ path = "inventory/*.csv", place = "unassigned" }]
"""
FILES = {
    "wxp-lint.toml": CONFIG,
    "customers.csv": f"customer_id,name\n{ACME},Acme\n",
    f"inventory/unassigned-{TODAY}.csv": "Serial Number,Device Name\n5CG8234XMV,PC-1\n5CG02382XZ,PC-2\n",
    f"inventory/unassigned-{TODAY - timedelta(40)}.csv": "Serial Number\nSGH327SZYD\n",
    "transfers/acme/a.csv": f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n",
    "transfers/acme/done/b.csv": f"Serial Number,Customer ID\n5CG02382XZ,{ACME}\n",
    ".pre-commit-config.yaml": HOOKS,
}


@pytest.fixture
def repo(write, git):
    """A repository in which these files are tracked."""

    def make(files):
        git("init", "--quiet")
        write(files)
        git("add", "--all")
        git("commit", "--quiet", "--message", "All")

    return make


@pytest.fixture
def doctor(cli):
    """The exit code, and (level, text) of each line."""

    def run(*arguments, **more):
        done = cli("doctor", *arguments, **more)
        assert done.err == ""
        lines = [re.fullmatch(r"(ok|note|mend) +(.+)", line) for line in done.out.splitlines()]
        assert all(lines), done.out
        return done.code, [(line[1], line[2]) for line in lines]

    return run


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_repository_where_all_is_well_but_the_hook(repo, doctor, folder, environment):
    repo(FILES)
    before = contents(folder)

    code, said = doctor()

    assert code == 1
    assert [line for line in said if line[0] == "mend"] == [
        ("mend", "pre-commit: its hook is not installed, so mistakes show only after the commit: pre-commit install")
    ]
    texts = [text for level, text in said if level == "ok"]
    assert texts[0].startswith(f"wxp-lint {__version__}, Python {platform.python_version()}, ")
    assert texts[1].startswith("duckdb ")
    assert f"cache: {environment['WXP_LINT_CACHE_DIR']}" in texts
    assert f"config: {folder / 'wxp-lint.toml'}" in texts
    assert any(
        re.fullmatch(r"\d\d+ rules built in, 0 of your own(, \d+ in preview)?, 0 switched off", t) for t in texts
    )
    assert "transfers: 1 open, 1 archived, 0 untracked" in texts
    assert "inventory inventory/*.csv: 3 PCs in 2 lists, 0 days old (max-age-days = 7)" in texts
    assert contents(folder) == before

    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=folder, env=environment, check=True)
    code, said = doctor()
    assert (code, {level for level, _ in said} - {"ok", "note"}) == (0, set())
    assert ("ok", f"pre-commit: the hook runs wxp-lint ({folder / '.git/hooks/pre-commit'})") in said


def test_a_repository_with_one_of_everything(repo, doctor, write, folder):
    long_ago = (TODAY - timedelta(12)).isoformat()
    repo(
        {
            "wxp-lint.toml": """
custom-rules = []
ignore = ["serial-week", "unknown-customer"]
must-run = ["unknown-customer", "device-not-visible"]
inventory.max-age-days = 10
inventory.sources = [
  { path = "inventory/acme.csv", place = "acme", as-of = 2020-01-01 },
  { path = "inventory/dated.csv", place = "other" },
  { path = "inventory/gone.csv", place = "gone" },
  { path = "inventory/odd.csv", place = "odd" },
  { url = "env:NOT_SET", query = "select 1" },
  { url = "sqlite:///cmdb.db", query = "select serial from device" },
  { url = "sqlite:///cmdb.db", query = "select serial from empty" },
  { url = "sqlite:///cmdb.db", query = "select serial from typo" },
]
rules.serial-vowel.level = "off"
""",
            "pyproject.toml": "[tool.wxp-lint]\npreview = true\n",
            "inventory/acme.csv": "Serial Number,Last Signed-in User,E-mail address\n5CG8234XMV,a,b\n",
            "inventory/dated.csv": f"Serial Number,Export Date\n5CG02382XZ,{long_ago}\n",
            "inventory/odd.csv": "no,serials,here\n1,2,3\n",
            "inventory/beside.csv": "Benutzername;Seriennummer;S/N\nx;y;5CG8234XMV\n",
            "transfers/~$a.xlsx": "Ann Lee",
            "transfers/user.csv": f"Serial Number,Customer ID,User\n5CG8234XMV,{ACME},x\n",
            ".pre-commit-config.yaml": "repos: [] # id: wxp-lint\n",
        }
    )
    write({"transfers/draft one.csv": "", "transfers/done/x.csv": ""})
    con = sqlite3.connect(folder / "cmdb.db")
    con.execute("create table device as select '5CG8234XMV' as serial")
    con.execute("create table empty (serial text)")
    con.close()

    code, said = doctor()

    assert code == 1
    texts = {level: [text for at, text in said if at == level] for level in ("ok", "note", "mend")}
    assert any(t.endswith(", 3 switched off (serial-vowel, serial-week, unknown-customer)") for t in texts["ok"])
    assert "inventory sqlite:///cmdb.db: a database, which answers" in texts["ok"]
    assert texts["note"][0:2] == [
        "transfers: 1 open, 0 archived, 1 untracked (transfers/draft one.csv): checked only when named, "
        "until you git add them",
        "the environment variable NOT_SET, which is to hold the URL of the inventory, is not set",
    ]
    assert texts["note"][-1].startswith("pre-commit: .pre-commit-config.yaml does not name wxp-lint, ")
    days = (TODAY - date(2020, 1, 1)).days
    assert texts["mend"] == [
        "config: pyproject.toml has a table [tool.wxp-lint] too, which does not count: delete it",
        "unknown-customer must run, but is switched off: take it out of must-run, or of ignore",
        f"inventory inventory/acme.csv: 1 PC, {days:,} days old, more than max-age-days = 10: export it again",
        "inventory inventory/dated.csv: 1 PC, 12 days old, more than max-age-days = 10: export it again",
        "inventory inventory/gone.csv: there is no such file: export the list, or mend [inventory] sources",
        "inventory inventory/odd.csv: there is no column with serial numbers among no, serials, here: "
        'name it in the config, as in sources = [{path = "...", serial = "SN"}]',
        "inventory sqlite:///cmdb.db: the database answers, and has no device: look at the query",
        "inventory cmdb.db: the database refuses the query (no such table: typo): mend `query` in [inventory] sources",
        next(text for text in texts["mend"] if text.startswith("cannot run: WXP501 device-not-visible")),
        "transfers/~$a.xlsx is in git: Excel left it, with a user's name: git rm --cached 'transfers/~$a.xlsx', "
        "and ~$* into .gitignore",
        next(text for text in texts["mend"] if text.startswith("inventory/acme.csv is in git")),
        next(text for text in texts["mend"] if text.startswith("inventory/beside.csv is in git")),
    ]
    assert "(column 'Last Signed-in User', 'E-mail address')" in texts["mend"][-2]
    assert "(column 'Benutzername')" in texts["mend"][-1]
    assert "geheim" not in str(said)


def test_lists_of_every_kind_are_looked_into(repo, doctor, folder, git):
    (folder / "lists").mkdir()
    book = openpyxl.Workbook()
    for row in (["Unassigned Devices"], ["Serial Number", "User e-mail"], ["5CG8234XMV", "a@example.org"]):
        book.active.append(row)
    book.save(folder / "lists/book.XLSX")
    table = "select '5CG02382XZ' as serial, 'x' as lastSignedinUser union all select '', 'y'"
    duckdb.sql(f"copy ({table}) to '{folder / 'lists/table.parquet'}'")
    # A text behind a closing quote is nothing that DuckDB takes.
    quoted = 'Serial Number,Note,Exported on\n"SGH327SZYD","so "called" PC",09.11.2026\n"5CD9123KLM",,\n'
    repo({"wxp-lint.toml": '[inventory]\nsources = [{ path = "lists" }]\n', "lists/quoted.csv": quoted})

    _, said = doctor()

    assert ("ok", "inventory lists: 4 PCs in 3 lists, 0 days old (max-age-days = 7)") in said
    named = {text.partition(":")[0] for level, text in said if level == "mend" and "personal data" in text}
    assert named == {
        "lists/book.XLSX is in git and has personal data (column 'User e-mail')",
        "lists/table.parquet is in git and has personal data (column 'lastSignedinUser')",
    }


def test_what_it_says_to_put_into_the_config_makes_rules_run(repo, doctor, write, folder):
    files = {path: content for path, content in FILES.items() if path != "wxp-lint.toml"}
    repo({**files, "inventory/unassigned.csv": files[f"inventory/unassigned-{TODAY}.csv"]})

    _, said = doctor()

    told = [text for level, text in said if level == "note" and text.startswith("cannot run")]
    lines = [text.partition("; put at the top of wxp-lint.toml: ")[2] for text in told]
    assert len(list(filter(None, lines))) == 2
    assert (
        "note",
        f"config: none, so the defaults hold; to change them, wxp-lint init writes {folder / 'wxp-lint.toml'}",
    ) in said

    write({"wxp-lint.toml": "\n".join(lines)})
    _, said = doctor()
    assert ("note", "config: it is not in git, so nobody else has it: git add wxp-lint.toml") in said
    assert [text for _, text in said if "WXP304" in text or "WXP501" in text] == []


@pytest.mark.parametrize(
    ("config", "advice", "mended"),
    [
        (
            "[inventory]\nmax-age-days = 5\n",
            "put below [inventory] in wxp-lint.toml: ",
            "[inventory]\nmax-age-days = 5\n{}\n",
        ),
        ("inventory.max-age-days = 5\n", "put at the top of wxp-lint.toml: ", "{}\ninventory.max-age-days = 5\n"),
        (
            "inventory = { max-age-days = 5 }\n",
            "put into the braces of inventory in wxp-lint.toml: ",
            "inventory = {{ max-age-days = 5, {} }}\n",
        ),
        ("[inventory]\nsources = []\n", "in wxp-lint.toml:2, write instead: ", "[inventory]\n{}\n"),
        ("[columns]\ncarry = []\n", "put at the top of wxp-lint.toml: ", "{}\n[columns]\ncarry = []\n"),
    ],
    ids=["header", "dotted", "braces", "empty", "other table"],
)
def test_what_it_says_to_put_into_a_config_goes_with_what_is_there(repo, doctor, write, config, advice, mended):
    repo({**FILES, "wxp-lint.toml": config, "inventory/unassigned.csv": "Serial Number\n5CG8234XMV\n"})

    _, said = doctor()

    told = next(text for _, text in said if text.startswith("cannot run") and "WXP501" in text)
    assert advice in told
    write({"wxp-lint.toml": mended.format(told.partition(advice)[2])})
    _, said = doctor()
    assert [text for level, text in said if "WXP501" in text or (text.startswith("config: ") and level == "mend")] == []


def test_in_pyproject_it_names_the_table_there(repo, doctor):
    config = "[tool.wxp-lint.inventory]\nmax-age-days = 5\n"
    repo({"pyproject.toml": config, "transfers/acme/a.csv": FILES["transfers/acme/a.csv"]})

    _, said = doctor()

    told = "".join(text for _, text in said if text.startswith("cannot run"))
    assert "; put at the top of [tool.wxp-lint]: customers = " in told
    assert "; put below [tool.wxp-lint.inventory] in pyproject.toml: sources = " in told


@pytest.mark.parametrize(
    ("ignored", "columns", "advice"),
    [
        ("", "Serial Number,Model", "put the day into its name (unassigned-2026-11-03.csv), or commit it"),
        ("inventory/*.csv\n", "Serial Number,Model", "put the day into its name (unassigned-2026-11-03.csv)"),
        ("", "Serial Number,Last User", "put the day into its name (unassigned-2026-11-03.csv)"),
    ],
    ids=["new", "ignored", "with people"],
)
def test_a_list_without_a_day_is_to_be_committed_only_where_it_may(repo, doctor, write, ignored, columns, advice):
    files = {path: content for path, content in FILES.items() if not path.startswith("inventory/")}
    repo({**files, ".gitignore": ignored})
    write({"inventory/unassigned.csv": f"{columns}\n5CG8234XMV,x\n"})

    _, said = doctor()

    told = next(text for level, text in said if level == "mend" and "nobody knows how old" in text)
    assert told == f"inventory inventory/*.csv: 1 PC, nobody knows how old: {advice}"


def test_a_successor_that_the_registry_does_not_know_is_told(repo, doctor):
    registry = (
        "customer_id,name,folder,status,merged_into,aliases\n"
        f"{ACME},Acme,acme,,,\n"
        "1,Mueller,emea/mueller,,,Mueller KG\n"
        "2,Old,,merged,Mueler,\n"
        "3,Gone,,merged,Umbrella,\n"
        "4,A,,merged,mueller kg,\n"
        "5,B,,merged,emea/mueller,\n"
        "6,C,,closed,1,\n"
    )
    repo({**FILES, "customers.csv": registry})

    _, said = doctor()

    assert [text for level, text in said if level == "note" and text.startswith("customers.csv:")] == [
        "customers.csv:4: Old is merged into 'Mueler', which is not in the registry; did you mean 'Mueller'?",
        "customers.csv:5: Gone is merged into 'Umbrella', which is not in the registry: leave it so if that is no "
        "customer of yours, else name one by ID, name, alias or folder",
    ]


@pytest.mark.parametrize(
    ("customer_id", "told"),
    [
        ("7d9a1c52-3b4e-4f6a-9c1d-2e8f5a6b7c80", []),
        ("{7D9A1C52-3B4E-4F6A-9C1D-2E8F5A6B7C80}", []),
        (
            "x",
            [
                'wxp-lint.toml:7: [places.unassigned] customer-id = "x" is no GUID, as Customer IDs are where they '
                "have been seen; moves back are made with it, so make sure of it with HP support"
            ],
        ),
    ],
)
def test_an_id_for_unassigned_that_looks_like_none_is_told(repo, doctor, customer_id, told):
    repo({**FILES, "wxp-lint.toml": f'{CONFIG}[places.unassigned]\ncustomer-id = "{customer_id}"\n'})

    _, said = doctor()

    assert [text for level, text in said if level == "note" and "[places." in text] == told


def test_a_broken_config_is_told_line_by_line_and_the_rest_too(repo, doctor):
    repo({"wxp-lint.toml": "fail_on = 1\ntransfer = []\n", ".pre-commit-config.yaml": HOOKS})

    code, said = doctor()

    assert code == 1
    mend = [text for level, text in said if level == "mend"]
    assert mend[0].startswith("config: wxp-lint.toml:1: ")
    assert mend[1].startswith("config: wxp-lint.toml:2: ")
    assert mend[2].startswith("pre-commit: ")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"wxp-lint.toml": 'ignore = ["serial-fromat"]\n'}, "config: wxp-lint.toml:1: no rule 'serial-fromat'"),
        ({"wxp-lint.toml": 'customers = "gone.csv"\n'}, "check: customers gone.csv: there is no such file"),
        ({"wxp-lint.toml": 'must-run = ["WXP304"]\n'}, "cannot run: WXP304"),
    ],
)
def test_what_stops_a_check_is_to_be_mended(repo, doctor, files, words):
    repo({**files, "transfers/a.csv": FILES["transfers/acme/a.csv"]})

    code, said = doctor()

    assert code == 1
    assert any(level == "mend" and text.startswith(words) for level, text in said)


def test_outside_of_git_and_with_nothing_there(doctor, cli):
    code, said = doctor()

    assert code == 0
    assert ("note", "git: there is no repository here, so every file counts as tracked: git init") in said
    assert any(text.startswith("transfers: 0 open, 0 archived, 0 untracked: nothing matches ") for _, text in said)
    assert "\x1b[31;1mmend" not in cli("doctor").out
    assert cli("doctor", env={"FORCE_COLOR": "1"}).out.startswith("\x1b[32;1mok  \x1b[0m  wxp-lint")


def test_a_cache_that_cannot_be_used(doctor, folder):
    shared = folder.parent / "shared"
    (shared / "config").mkdir(parents=True)
    (shared / "config").chmod(0o777)
    places = {
        "": "WXP_LINT_CACHE_DIR is empty",
        str(folder / "cache"): "there is no place for it outside of the working tree",
        str(folder.parent / "file/cache"): f"{folder.parent / 'file'} cannot be written to",
        str(shared): f"others can write to {shared / 'config'}, so it is not trusted: delete it",
    }
    (folder.parent / "file").write_text("")

    for place, why in places.items():
        _, said = doctor(env={"WXP_LINT_CACHE_DIR": place})
        assert any(text.startswith(f"no cache, so runs are slower: {why}") for level, text in said if level == "note")


def test_an_engine_without_its_quick_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "_duckdb", None)

    _, engine = health.program()

    assert engine.level == "note"
    assert engine.text.startswith(f"duckdb {duckdb.__version__}: its quick import fails")


def test_a_hook_of_another_kind(repo, doctor, folder):
    files = {"a": ""}
    repo(files)
    hook = folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexec wxp-lint check\n")
    assert doctor()[1][-1][1].startswith("pre-commit: there is no .pre-commit-config.yaml, ")

    hook.chmod(0o755)
    assert doctor()[1][-1] == ("ok", f"pre-commit: the hook runs wxp-lint ({hook})")


@pytest.mark.parametrize("ledger", ["sqlite:.wxp-lint/ledger.db", "git:wxp-ledger"])
def test_a_lost_ledger_is_something_to_mend(repo, doctor, cli, git, folder, ledger):
    repo({**FILES, "wxp-lint.toml": f'{CONFIG}[apply]\nledger = "{ledger}"\n'})
    told = [line for line in doctor()[1] if "no ledger yet" in line[1]]
    assert [level for level, _ in told] == ["note"]
    cli("ledger", "baseline", "--all")
    assert not any("(the ledger" in text or "no ledger" in text for _, text in doctor()[1])
    if ledger.startswith("git:"):
        git("branch", "-D", "wxp-ledger")
        git("tag", "-d", "wxp-ledger-start")
    else:
        for file in (folder / ".wxp-lint").glob("ledger.db*"):
            file.unlink()

    code, said = doctor()

    (told,) = [line for line in said if "the ledger is lost" in line[1]]
    assert (code, told[0]) == (1, "mend")
    assert told[1].endswith("; until then wxp-lint apply is refused")
    assert cli("apply", "--yes").code == 5


def test_a_ledger_that_is_lost_at_the_remote_is_something_to_mend(repo, doctor, cli, git, folder):
    repo({**FILES, "wxp-lint.toml": f'{CONFIG}[apply]\nledger = "git:wxp-ledger"\n'})
    remote = folder.parent / "remote.git"
    git("init", "--quiet", "--bare", remote)
    git("remote", "add", "origin", remote)
    git("push", "--quiet", "origin", "HEAD:main")
    git("fetch", "--quiet", "origin")
    assert cli("ledger", "baseline", "--all").code == 0
    assert ("ok", "ledger: git branch wxp-ledger of origin, 3 events") in doctor()[1]
    git("-C", remote, "branch", "-D", "wxp-ledger")

    code, said = doctor()

    (told,) = [line for line in said if line[1].startswith("ledger: ")]
    assert (code, told[0]) == (1, "mend")
    assert "there is no git branch wxp-ledger of origin" in told[1]
    assert told[1].endswith("; until then wxp-lint apply is refused")
    remote.rename(folder.parent / "gone")
    (told,) = [line for line in doctor()[1] if line[1].startswith("ledger: ")]
    assert told[0] == "note"
    assert "is out of reach" in told[1]
