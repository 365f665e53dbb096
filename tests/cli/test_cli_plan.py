"""`wxp-lint plan`: formats, exit codes, and that nothing is written."""

import json

import pytest
from assignments import ACME, FILES, A, B, serial, sheet, tree


@pytest.fixture
def desk(git, write):
    """Commits files; at first those of `FILES`."""

    def commit(files):
        write(files)
        git("add", "--all")
        git("commit", "-qm", "files")

    git("init", "-q")
    commit(FILES)
    return commit


def test_a_newcomer_reads_what_would_move_and_what_to_do(desk, cli):
    done = cli("plan")

    assert done.code == 0
    assert done.out.splitlines()[0].endswith(": 2 transfers ready (5 PCs)")
    assert "ready       3 PCs: Unassigned -> Acme" in done.out
    assert "ready       2 PCs: Acme -> Contoso" in done.out
    assert "no ledger yet: apply will create it (sqlite ledger .wxp-lint/ledger.db)" in done.out
    assert done.out.splitlines()[-1] == (
        "Next: wxp-lint apply prepares 2 upload files for a person to upload; it sends nothing to HP"
    )


def test_planning_writes_nothing(desk, cli, folder):
    before = tree(folder)

    cli("plan", "--output", "json")

    assert tree(folder) == before


def test_json_is_the_same_each_time_and_alone_on_standard_output(desk, cli):
    first, second = cli("plan", "-o", "json"), cli("plan", "-o", "json")

    assert first.out == second.out
    assert [one["path"] for one in json.loads(first.out)["transfers"]] == [A, B]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({A: None, B: None}, 0),
        ({}, 10),
        ({A: sheet(1) + f"5CG48H,{ACME}\n"}, 5),
        ({A: sheet(1, 900), f"{A}.toml": "[wait]\nuntil = 2999-01-01\n", B: None}, 0),
    ],
)
def test_the_exit_code_tells_when_it_is_asked_to(desk, cli, git, files, code):
    gone = [path for path, content in files.items() if content is None]
    if gone:
        git("rm", "-q", *gone)
    desk({"touched": "yes\n", **{path: content for path, content in files.items() if content is not None}})

    assert cli("plan").code == 0
    assert cli("plan", "--detailed-exitcode").code == code


def test_several_formats_at_once(desk, cli, folder):
    done = cli("plan", "-o", "text", "-o", "json=plan-report.json", "-o", "html=plan.html", "-o", "markdown=plan.md")

    assert done.out.startswith("Plan at ")
    assert json.loads((folder / "plan-report.json").read_text())["version"] == 1
    assert "<h1>2 transfers ready (5 PCs)</h1>" in (folder / "plan.html").read_text()
    assert "| ready | 3 | Unassigned | Acme |" in (folder / "plan.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "jsn"], "did you mean 'json'"),
        (["-o", "json="], "names no file"),
        (["-o", "json", "-o", "text"], "only one --output"),
        (["--save", "no/such/folder/plan.json"], "cannot write"),
        (["--save", A], "which is no plan"),
        (["-o", f"json={A}"], "which is no report"),
    ],
)
def test_wrong_usage(desk, cli, arguments, words):
    done = cli("plan", *arguments)

    assert (done.code, words in done.err) == (2, True), done.err


def test_without_a_repository_or_a_commit(cli, git):
    assert "no git repository" in cli("plan").err

    git("init", "-q")

    assert "nothing is committed yet" in cli("plan").err
    assert cli("plan").code == 2


def test_the_plan_in_a_branch_points_to_the_merge(desk, cli, git):
    git("switch", "-qc", "more")
    desk({"transfers/acme/more.csv": sheet(4)})

    done = cli("plan")

    assert "1 PC: Unassigned -> Acme, not merged yet" in done.out
    assert "Next: merge it into main; there, wxp-lint apply prepares 3 upload files" in done.out


@pytest.mark.parametrize("is_detached", [False, True])
def test_without_the_branch_that_counts_the_plan_says_what_apply_says(desk, cli, git, is_detached):
    git("branch", "-m", "main", "master")
    if is_detached:
        git("checkout", "-q", "--detach")

    last = cli("plan").out.splitlines()[-1]

    said = cli("apply", "--yes").err.strip().partition("nothing was done: ")[2]
    assert last == f"Next: wxp-lint apply, which would be refused here: {said}"
    assert "git switch -c main" in last
    assert "[apply] branch" in last


def test_a_ledger_for_one_person_says_so_where_others_share_the_repository(desk, cli, git):
    assert cli("plan").err == ""
    git("remote", "add", "origin", "https://git.example.org/assignments.git")
    assert 'ledger = "git:wxp-ledger"' in cli("plan").err
    assert "may be gone with this CI job" in cli("plan", env={"CI": "true"}).err


def test_a_saved_plan_tells_until_when_it_holds(desk, cli, folder):
    cli("plan", "--save", "../plan.json")

    saved = json.loads((folder / "../plan.json").read_text())

    assert saved["version"] == 1
    assert saved["expires"].endswith("Z")
    assert saved["digest"] == json.loads(cli("plan", "-o", "json").out)["digest"]
    assert serial(1) not in json.dumps(saved)
