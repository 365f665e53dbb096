"""`check --since REF`: only what has changed is reported, and nothing goes unseen for that."""

import json
import subprocess

import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
OTHER = "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"
HEADER = "Serial Number,Customer ID\n"
OLD, A, B = "transfers/acme/old.csv", "transfers/acme/a.csv", "transfers/other/b.csv"
IGNORE = "wxp-lint-ignore.toml"


def transfer(*serials, target=ACME):
    return HEADER + "".join(f"{serial},{target}\n" for serial in serials)


def bad(number):
    """A file with one finding, WXP202."""
    return transfer(f"5CG048{number}H")


@pytest.fixture
def commit(git, write, folder):
    """Commits files; None takes one away."""

    def make(files):
        if not (folder / ".git").exists():
            git("init", "--quiet")
        for path in [path for path, content in files.items() if content is None]:
            git("rm", "--quiet", path)
        write({path: content for path, content in files.items() if content is not None})
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", "Transfers")

    return make


@pytest.fixture
def found(cli):
    """(path, code) of what `check --since main` reports."""

    def run(*arguments):
        done = cli("check", "--since", "main", "--output", "json", *arguments)
        assert done.code in (0, 1), done.err
        return [(finding["path"], finding["code"]) for finding in json.loads(done.out)["findings"]]

    return run


def test_what_has_not_changed_is_not_reported(commit, found, cli, git, write):
    commit({OLD: bad(2), A: transfer("5CG8234XMV"), B: bad(3)})
    git("switch", "--quiet", "--create", "request")
    commit({B: bad(7)})
    assert found() == [(B, "WXP202")]
    write({A: transfer("5CG8234XM")})  # not committed yet

    assert found() == [(A, "WXP202"), (B, "WXP202")]
    done = cli("check", "--since", "main")
    assert done.err == "1 unchanged since main, not reported\n"
    assert "2 files, 2 devices: 2 errors" in done.out
    assert cli("check", "--since", "main", "--show-files").out == f"{A}\n{B}\n"
    assert found(OLD) == []
    assert found("transfers/acme") == [(A, "WXP202")]


def test_what_changed_on_the_other_branch_alone_is_not_ours(commit, found, git):
    commit({OLD: transfer("5CG8234XMV"), A: bad(4)})
    git("switch", "--quiet", "--create", "request")
    commit({B: bad(5)})
    git("switch", "--quiet", "main")
    commit({OLD: transfer("5CG02382XZ")})
    git("switch", "--quiet", "request")

    assert found() == [(B, "WXP202")]


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({A: None, "transfers/acme/new name.csv": bad(1)}, {"transfers/acme/new name.csv"}),
        ({f"{A}.toml": 'reason = "delivery"\n'}, {A}),
        ({"transfers/acme/transfer.toml": 'ticket = "7"\n'}, {A, OLD}),
        ({f"{OLD}.toml": None}, {OLD}),
        ({f"{OLD}.toml": None, f"{A}.toml": 'ticket = "1"\n'}, {A, OLD}),
    ],
    ids=["its name", "its sidecar", "its folder's sidecar", "its sidecar is gone", "its sidecar is another's now"],
)
def test_a_file_has_changed_if_its_name_or_its_sidecar_has(commit, found, git, change, reported):
    commit({A: bad(1), OLD: bad(2), B: bad(3), f"{OLD}.toml": 'ticket = "1"\n'})
    git("switch", "--quiet", "--create", "request")
    commit(change)

    assert {path for path, code in found() if code == "WXP202"} == reported


def test_rules_across_files_see_those_that_have_not_changed(commit, found, git):
    commit({A: transfer("5CG8234XMV"), OLD: transfer("5CG02382XZ")})
    git("switch", "--quiet", "--create", "request")
    commit({B: transfer("5CG8234XMV", target=OTHER)})

    assert found() == [(B, "WXP402")]


def test_what_belongs_to_no_file_is_reported(commit, found, git):
    commit({IGNORE: '[[ignore]]\nrule = "WXP202"\npath = "**"\n', A: transfer("5CG8234XMV")})
    git("switch", "--quiet", "--create", "request")
    commit({B: bad(6)})

    assert (IGNORE, "WXP802") in found()


@pytest.mark.parametrize("changed", [[A], [A, OLD]], ids=["one file", "every file"])
def test_whether_an_entry_is_used_is_for_a_whole_run_to_say(commit, found, git, cli, changed):
    entry = '[[ignore]]\nrule = "WXP401"\npath = "**"\nreason = "x"\n'
    commit({IGNORE: entry, A: bad(7), OLD: transfer("5CG8234XMV")})
    cli("baseline", "write")
    commit({})
    git("switch", "--quiet", "--create", "request")
    commit(dict.fromkeys(changed, transfer("SGH327SZYD")))

    assert {"WXP803", "WXP804"} & {code for _, code in found()} == set()
    assert {"WXP803", "WXP804"} <= set(cli("check", "--output", "json").codes)


def test_a_file_that_is_gone_is_no_problem(commit, found, git, folder):
    commit({A: bad(8), B: bad(9), OLD: bad(1)})
    git("switch", "--quiet", "--create", "request")
    commit({A: None})
    (folder / B).unlink()

    assert found() == []


def test_what_git_does_not_track_counts_as_changed(commit, found, git, folder, write):
    commit({A: bad(2), ".gitignore": "ignored.csv\n"})
    git("switch", "--quiet", "--create", "request")
    write({"ignored.csv": bad(3), "transfers/draft.csv": bad(4)})
    (folder.parent / "outside.csv").write_text(bad(5))

    assert found("ignored.csv", "transfers", "../outside.csv") == [
        ("../outside.csv", "WXP202"),
        ("ignored.csv", "WXP202"),
        ("transfers/draft.csv", "WXP202"),
    ]


def test_a_link_has_changed_if_what_it_leads_to_has(commit, found, git, folder):
    (folder / "transfers").mkdir()
    (folder / "transfers/link.csv").symlink_to("../lists/a.csv")
    commit({"lists/a.csv": transfer("5CG8234XMV"), A: bad(6)})
    git("switch", "--quiet", "--create", "request")
    commit({"lists/a.csv": bad(7)})

    assert found() == [("transfers/link.csv", "WXP202")]


@pytest.mark.parametrize("below", [False, True], ids=["at the top", "below it"])
def test_the_config_may_stand_below_the_top(commit, found, git, folder, below):
    place = "assignments/" if below else ""
    commit({f"{place}wxp-lint.toml": "", f"{place}{A}": bad(8), f"{place}{OLD}": bad(9)})
    git("switch", "--quiet", "--create", "request")
    commit({f"{place}{A}": bad(7)})

    assert found("--config", f"{place}wxp-lint.toml") == [(A, "WXP202")]


def test_a_revision_that_is_not_here_is_fetched_and_not_guessed(commit, cli, folder, environment):
    commit({A: bad(1)})
    folder.rename(folder.with_name("origin"))
    clone = ["git", "clone", "--quiet", "--depth", "1", f"file://{folder.with_name('origin')}", folder]
    subprocess.run(clone, env=environment, check=True)

    done = cli("check", "--since", "origin/release")

    assert (done.code, done.out) == (2, "")
    fetch = "git fetch origin release:refs/remotes/origin/release"
    assert done.err == f"wxp-lint: 'origin/release' is not in this clone; fetch it first: {fetch}\n"


def test_it_needs_a_repository(write, cli):
    write({A: bad(2)})

    done = cli("check", "--since", "main", A)

    assert (done.code, done.err.startswith("wxp-lint: --since needs a git repository")) == (2, True)
