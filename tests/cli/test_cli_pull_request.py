"""`check --output markdown` in a real repository: what a branch does to which PCs."""

import io
import os
import subprocess
from datetime import date

import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
BOLT = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
A, B, DONE = "transfers/acme/a.csv", "transfers/bolt/b.xlsx", "transfers/acme/done/a.csv"
NAMES = f"customer_id,name\n{ACME},Acme\n{BOLT},Bolt & Sons\n"
CONFIG = """
customers = "customers.csv"
[inventory]
sources = [
  {path = "inventory/unassigned.csv", place = "unassigned"},
  {path = "inventory/bolt.csv", place = "Bolt & Sons"},
]
max-age-days = 36500
"""


def serials(first, count):
    return [f"5CG{n // 100 % 10}{n % 50 + 1:02}{n:04}".replace("A", "B") for n in range(first, first + count)]


def csv(*serials, target=ACME):
    return HEADER + "".join(f"{serial},{target}\n" for serial in serials)


def xlsx(*serials, target=BOLT):
    book = openpyxl.Workbook()
    for row in (("Serial Number", "Customer ID"), *((serial, target) for serial in serials)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def listed(*serials):
    return "Serial Number,Last User\n" + "".join(f"{serial},BOLT\\jdoe{n}\n" for n, serial in enumerate(serials))


OLD, HELD, NEW = serials(1000, 10), serials(2000, 10), serials(3000, 40)
BASE = {
    "wxp-lint.toml": CONFIG,
    "customers.csv": NAMES,
    "inventory/unassigned.csv": listed(*OLD, *NEW),
    "inventory/bolt.csv": listed(*HELD),
    A: csv(*OLD[:6]),
    B: xlsx(*OLD[6:]),
}


@pytest.fixture
def commit(git, write, folder):
    """Commits files; None takes one away, and a path as value is the file that is moved."""

    def make(files):
        if not (folder / ".git").exists():
            git("init", "--quiet")
        for path, content in files.items():
            if content is None:
                git("rm", "--quiet", path)
        write({path: content for path, content in files.items() if content is not None})
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", "Transfers")

    return make


@pytest.fixture
def branch(commit, git):
    """Commits `BASE` to main, and these files on a branch."""

    def make(files, base=None):
        commit({**BASE, **(base or {})})
        git("switch", "--quiet", "--create", "request")
        commit(files)

    return make


@pytest.fixture
def told(cli):
    """What the comment says the change does: the sum, then the lines of the files."""

    def run(*arguments, env=None):
        done = cli("check", "--output", "markdown", "--no-cache", *arguments, env=env)
        assert done.code in (0, 1), done.err
        part = (
            done.out.partition("#### What this changes, against ")[2].partition("\n####")[0].partition("\nChecked:")[0]
        )
        return [line for line in part.split("\n") if line][1:]

    return run


def test_what_a_branch_does_csv_and_xlsx_alike(branch, told):
    branch({A: csv(*OLD[:6], *NEW[:30]), B: xlsx(*OLD[6:9], *NEW[30:]), "transfers/bolt/c.csv": csv(OLD[9], *HELD[:2])})

    assert told("--config-from", "main") == [
        "**In all: +30 PCs to Acme from Unassigned; +10 PCs to Bolt & Sons from Unassigned; "
        "+2 PCs to Acme from Bolt & Sons; 1 target changed (Bolt & Sons → Acme)**",
        f"- `{A}`: +30 PCs to Acme from Unassigned",
        f"- `{B}`: +10 PCs to Bolt & Sons from Unassigned",
        "- `transfers/bolt/c.csv`: +2 PCs to Acme from Bolt & Sons; 1 target changed (Bolt & Sons → Acme)",
    ]


def test_whole_comment(branch, cli):
    branch({A: csv(*OLD[:5], *NEW[:3], "5CG12")})
    day = date.today().isoformat()
    done = cli("check", "--config-from", "main", "--output", "markdown", "--mask", "--no-cache")

    assert done.code == 1
    assert (
        done.out
        == f"""\
<!-- wxp-lint -->
### ❌ 1 file cannot be transferred: 1 error

**What to do:** mend what is listed below, save, and put the file back under the same name. \
The check then runs again by itself.

<!-- wxp-lint note -->

#### What this changes, against `main`

**In all: +3 PCs to Acme from Unassigned; +1 PC to Acme, from: unknown; 1 removed (was to go to Acme)**

#### What was found

**`transfers/acme/a.csv`**: 1 error

- ❌ **line 10**: `5C••2` is no serial number, it has 5 characters, not 10: compare it with the PC's label (WXP202)

#### What was not checked

- No ledger yet: WXP604 first-transfer, WXP701 edited-after-apply, WXP702 transfer-in-doubt, WXP703 already-transferred.

Checked: 2 files, 13 PCs. Found: 1 error, 0 warnings, 0 notes.

Inventory: 12 devices of Unassigned (`inventory/unassigned.csv`, {day}, today), \
none of these PCs (`inventory/bolt.csv`, {day}, today).
"""
    )


def test_a_removed_file_and_a_removed_row(branch, told):
    branch({B: None, A: csv(*OLD[:4])})

    assert told("--since", "main") == [
        "**In all: 6 removed**",
        f"- `{B}`: 4 removed (were to go to Bolt & Sons)",
        f"- `{A}`: 2 removed (were to go to Acme)",
    ]


def test_another_customer_for_all(branch, told):
    branch({B: xlsx(*OLD[6:], target=ACME)})

    assert told("--since", "main") == ["**In all: 4 targets changed (Bolt & Sons → Acme)**"]


@pytest.mark.parametrize(
    "files",
    [
        {A: None, "transfers/acme/renamed.csv": csv(*OLD[:6])},
        {A: None, "transfers/acme/renamed.xlsx": xlsx(*OLD[:6], target=ACME)},
        {A: csv(*OLD[:3]), "transfers/acme/c.csv": csv(*OLD[3:6])},
        {A: csv(*reversed(OLD[:6])).replace("\n", "\r\n")},
        {A: csv(*OLD[:6]).lower()},
        {},
    ],
    ids=["renamed", "as a workbook", "split in two", "other order", "lower case", "nothing"],
)
def test_the_same_pcs_to_the_same_customer_are_no_change(branch, told, files):
    branch(files)

    assert told("--since", "main") == ["Nothing: the same PCs go to the same customers."]


@pytest.mark.parametrize("archived", [csv(*OLD[:6]), xlsx(*OLD[:6], target=ACME)], ids=["csv", "xlsx"])
def test_what_is_archived_is_not_removed(branch, told, archived):
    branch({A: None, DONE if isinstance(archived, str) else "transfers/acme/done/a.xlsx": archived})

    assert told("--since", "main") == ["**In all: 6 PCs archived**"]


def test_what_was_archived_before_does_not_count(branch, told):
    branch({DONE: csv(*OLD[:6], OLD[9]), A: csv(*OLD[:5])}, base={DONE: csv(OLD[9])})

    assert told("--since", "main") == ["**In all: 1 PC archived**"]


def test_what_cannot_be_read_is_not_removed(branch, told):
    branch({A: None, "transfers/acme/a.xlsx": b"PK\x03\x04 broken", B: xlsx(*OLD[6:9])})

    assert told("--since", "main") == [
        "**In all: 7 removed**",
        f"- `{A}`: 6 removed (were to go to Acme)",
        f"- `{B}`: 1 removed (was to go to Bolt & Sons)",
        "- `transfers/acme/a.xlsx`: cannot be read, so what becomes of its PCs is not known",
    ]


def test_a_broken_file_keeps_its_pcs(branch, told):
    branch({B: b"PK\x03\x04 broken"})

    assert told("--since", "main") == [
        "Nothing: the same PCs go to the same customers.",
        f"- `{B}`: cannot be read, so what becomes of its PCs is not known",
    ]


def test_a_draft_does_not_count(branch, told, write):
    branch({})
    write({"transfers/acme/draft.csv": csv(*NEW)})

    assert told("--since", "main") == ["Nothing: the same PCs go to the same customers."]


def test_what_the_base_has_since_does_not_count(branch, told, git, commit):
    branch({A: csv(*OLD[:5])})
    git("switch", "--quiet", "main")
    commit({"transfers/acme/other.csv": csv(*NEW)})
    git("switch", "--quiet", "request")

    assert told("--config-from", "main") == ["**In all: 1 removed (was to go to Acme)**"]


def test_without_registry_and_inventory(commit, git, told):
    commit({A: csv(*OLD)})
    git("switch", "--quiet", "--create", "request")
    commit({A: csv(*OLD, *NEW[:2])})

    assert told("--since", "main") == [f"**In all: +2 PCs to `{ACME}`, from: unknown**"]


def test_a_company_pin_is_no_name_of_a_customer(commit, git, cli):
    commit({A: csv(*OLD)})
    git("switch", "--quiet", "--create", "request")
    commit({A: csv(*OLD, target="aB3dE7xQ")})
    done = cli("check", "--since", "main", "--output", "markdown")

    assert f"10 targets changed (`{ACME}` → no valid Customer ID)" in done.out
    assert "aB3dE7xQ" not in done.out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_BASE_REF", "main"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
    ],
)
def test_a_ci_tells_the_base(branch, told, git, name, value):
    branch({A: csv(*OLD[:5])})
    git("update-ref", "refs/remotes/origin/main", "main")

    assert told(env={name: value}) == ["**In all: 1 removed (was to go to Acme)**"]


def test_without_a_base_the_part_is_left_out(branch, cli):
    branch({A: csv(*OLD[:5])})

    assert "What this changes" not in cli("check", "--output", "markdown").out
    assert "What this changes" not in cli("check", "--output", "markdown", env={"GITHUB_BASE_REF": "main"}).out


def test_a_clone_without_the_history_says_so(branch, cli, environment, folder, tmp_path):
    branch({A: csv(*OLD[:5])})
    clone = tmp_path / "shallow"
    url = folder.as_uri()
    for arguments in (
        ["clone", "--quiet", "--depth=1", "--branch=request", url, clone],
        ["-C", clone, "fetch", "--quiet", "--depth=1", "origin", "+main:refs/remotes/origin/main"],
    ):
        subprocess.run(["git", *map(os.fspath, arguments)], env=environment, check=True, capture_output=True)
    done = cli("check", "--config", clone / "wxp-lint.toml", "--output", "markdown", env={"GITHUB_BASE_REF": "main"})

    assert done.code == 0, done.err
    assert (
        "This could not be told: HEAD and `origin/main` have no common ancestor in this clone, which is shallow"
        in done.out
    )


def test_a_job_summary_tells_the_change_too(branch, cli, tmp_path):
    branch({A: csv(*OLD[:5])})
    summary = tmp_path / "summary.md"
    cli("check", "--since", "main", "--output", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})

    assert "**In all: 1 removed (was to go to Acme)**" in summary.read_text("utf-8")


def test_the_page_calls_customers_by_their_names(branch, cli, folder):
    branch({A: csv("5CG823", target=ACME)})

    cli("check", "--output", "html=page.html")

    assert f"Acme ({ACME})" in (folder / "page.html").read_text("utf-8")
