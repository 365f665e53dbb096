import os
import subprocess
import sys
from pathlib import Path

import pytest

from wxp_lint.errors import UsageError
from wxp_lint.repo import git
from wxp_lint.repo.git import Change

HERE = Path(__file__).parents[2]


def run(folder, *args):
    done = subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(folder, *paths, text="serial,customer\n"):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("PATH", path))


def commit(folder, *paths, text="serial,customer\n"):
    write(folder, *paths, text=text)
    run(folder, "add", "--all")
    run(folder, "commit", "--quiet", "--allow-empty", "-m", "change")


def test_the_root_is_where_git_begins(repo, tmp_path):
    (repo / "a/b").mkdir(parents=True)
    assert git.root(repo) == repo
    assert git.root(repo / "a/b") == repo
    assert git.root(repo / "a/absent") == repo
    assert git.root(tmp_path) is None


def test_the_root_of_a_linked_worktree(repo, tmp_path):
    commit(repo, "x.csv")
    run(repo, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert git.root(tmp_path / "linked") == tmp_path / "linked"


def test_an_empty_git_folder_is_no_root(repo):
    (repo / "a/.git").mkdir(parents=True)
    assert git.root(repo / "a") == repo


NAMES = [
    "a b.csv",
    "line\nbreak.csv",
    "ümläut 🙂.csv",
    "*.csv",
    ":top.csv",
    "-n.csv",
    'q"uote.csv',
    "tab\t.csv",
]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_names_come_as_they_are(repo):
    odd = os.fsdecode(b"latin-\xe9.csv")
    commit(repo, *NAMES, odd)
    write(repo, "new\n1.csv")
    assert sorted(git.tracked(repo)) == sorted([*NAMES, odd])
    assert git.untracked(repo) == ["new\n1.csv"]
    assert sorted(git.files_at(repo, "HEAD")) == sorted([*NAMES, odd])
    for name in [*NAMES, odd]:
        assert git.show(repo, "HEAD", name) == b"serial,customer\n"
        assert git.tracked(repo, [name]) == [name]


def test_tracked_and_untracked_below_folders(repo):
    commit(repo, "transfers/a.csv", "Moves/b.csv", "other/c.csv")
    write(repo, "transfers/new.csv", "other/new.csv", "transfers/secret.csv")
    write(repo, ".gitignore", text="secret.csv\n")
    assert git.tracked(repo, ["TRANSFERS", "moves"]) == ["Moves/b.csv", "transfers/a.csv"]
    assert git.tracked(repo, ["transfers", ""]) == git.tracked(repo)
    assert git.untracked(repo, ["transfers"]) == ["transfers/new.csv"]
    assert git.untracked(repo) == [".gitignore", "other/new.csv", "transfers/new.csv"]


def test_a_folder_below_the_top_sees_its_own(repo):
    commit(repo, "x.csv", "sub/y.csv")
    write(repo, "z.csv", "sub/new.csv")
    sub = repo / "sub"
    assert git.tracked(sub) == ["y.csv"]
    assert git.untracked(sub) == ["new.csv"]
    assert git.files_at(sub, "HEAD") == ["y.csv"]
    assert git.show(sub, "HEAD", "y.csv") == b"serial,customer\n"
    assert git.show(sub, "HEAD", "x.csv") is None
    write(repo, "x.csv", "sub/y.csv", text="changed")
    assert git.changed_since(sub, "HEAD")[1] == (Change("new.csv", None), Change("y.csv", "y.csv"))


def test_a_conflict_names_a_file_once(repo):
    commit(repo, "x.csv")
    run(repo, "checkout", "--quiet", "-b", "side")
    commit(repo, "x.csv", text="side\n")
    run(repo, "checkout", "--quiet", "main")
    commit(repo, "x.csv", text="main\n")
    subprocess.run(["git", "merge", "side"], cwd=repo, check=False, capture_output=True)
    assert "UU x.csv" in run(repo, "status", "--short")
    assert git.tracked(repo) == ["x.csv"]
    assert git.changed_since(repo, "HEAD")[1] == (Change("x.csv", "x.csv"),)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_ignored(repo):
    write(repo, ".gitignore", text="build/\n*.tmp\n")
    write(repo, "build/x.csv", "a.tmp", "kept.tmp", "b.csv", ":!x.tmp", "n\nl.tmp")
    run(repo, "add", "--force", "kept.tmp")
    asked = ["build", "build/x.csv", "a.tmp", "kept.tmp", "b.csv", ":!x.tmp", "n\nl.tmp", ""]
    assert git.ignored(repo, asked) == {"build", "build/x.csv", "a.tmp", ":!x.tmp", "n\nl.tmp"}
    assert git.ignored(repo, ["b.csv"]) == frozenset()
    assert git.ignored(repo, []) == frozenset()


def test_a_file_at_a_revision(repo):
    commit(repo, "x.csv", text="old\n")
    commit(repo, "x.csv", text="new\n")
    run(repo, "tag", "v1", "HEAD~1")
    write(repo, "x.csv", text="draft\n")
    assert git.show(repo, "HEAD", "x.csv") == b"new\n"
    assert git.show(repo, "v1", "x.csv") == b"old\n"
    assert git.show(repo, run(repo, "rev-parse", "HEAD~1"), "x.csv") == b"old\n"
    assert git.show(repo, "HEAD", "absent.csv") is None
    assert git.show(repo, "HEAD", str(repo / "x.csv")) is None
    assert git.show(repo, "HEAD", "../x.csv") is None


def test_a_folder_is_no_file_at_a_revision(repo):
    commit(repo, "a/x.csv")
    assert git.show(repo, "HEAD", "a") is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs symlinks")
def test_links_are_no_files_at_a_revision(repo):
    (repo / "link.csv").symlink_to("x.csv")
    commit(repo, "x.csv")
    assert git.files_at(repo, "HEAD") == ["x.csv"]


def test_a_blob_that_cannot_be_fetched_is_not_an_absent_file(repo, tmp_path):
    commit(repo, "x.csv")
    run(repo, "config", "uploadpack.allowFilter", "true")
    part = tmp_path / "part"
    run(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", repo.as_uri(), str(part / ".git"))
    run(part, "config", "core.bare", "false")
    repo.rename(tmp_path / "gone")
    with pytest.raises(UsageError, match="git failed"):
        git.show(part, "HEAD", "x.csv")
    assert git.show(part, "HEAD", "absent.csv") is None


def test_exists_and_commit(repo):
    assert not git.exists(repo, "HEAD")
    commit(repo, "x.csv")
    assert git.exists(repo, "main")
    assert git.exists(repo, "HEAD")
    assert not git.exists(repo, "nope")
    assert not git.exists(repo, "HEAD:x.csv")
    assert git.commit(repo, "main") == run(repo, "rev-parse", "main")


@pytest.mark.parametrize("ref", ["-x", "--output=stolen", "", "a\0b"])
@pytest.mark.parametrize("ask", [git.exists, git.commit, git.files_at, git.changed_since])
def test_a_ref_is_never_an_option(repo, ask, ref):
    commit(repo, "x.csv")
    with pytest.raises(UsageError, match="is no revision"):
        ask(repo, ref)
    with pytest.raises(UsageError, match="is no revision"):
        git.show(repo, ref, "x.csv")
    assert sorted(p.name for p in repo.iterdir()) == [".git", "x.csv"]


@pytest.mark.parametrize("ask", [git.commit, git.files_at, git.changed_since, lambda r, ref: git.show(r, ref, "x")])
def test_an_absent_ref_is_an_error_everywhere(repo, ask):
    commit(repo, "x.csv")
    with pytest.raises(UsageError, match=r"'nope' is not in this clone; there is no remote"):
        ask(repo, "nope")


def mend(error):
    return str(error.value).split("first: ")[1].split()


@pytest.mark.parametrize("ref", ["origin/main", "main"])
def test_the_error_for_an_absent_branch_names_the_command_that_works(repo, tmp_path, ref):
    commit(repo, "x.csv")
    run(repo, "branch", "feature")
    run(
        tmp_path,
        "clone",
        "--quiet",
        "--single-branch",
        "--branch=feature",
        "--depth=1",
        repo.as_uri(),
        "clone",
    )
    clone = tmp_path / "clone"
    with pytest.raises(UsageError, match="git fetch origin main") as error:
        git.show(clone, ref, "x.csv")
    run(clone, *mend(error)[1:])
    assert git.show(clone, ref, "x.csv") == b"serial,customer\n"


@pytest.mark.parametrize("ref", ["HEAD~1", "id", "short"])
def test_the_error_for_absent_history_names_the_command_that_works(repo, tmp_path, ref):
    commit(repo, "x.csv")
    commit(repo, "y.csv")
    ref = {
        "id": run(repo, "rev-parse", "main~1"),
        "short": run(repo, "rev-parse", "--short=12", "main~1"),
    }.get(ref, ref)
    run(tmp_path, "clone", "--quiet", "--depth=1", repo.as_uri(), "clone")
    with pytest.raises(UsageError, match="git fetch") as error:
        git.commit(tmp_path / "clone", ref)
    run(tmp_path / "clone", *mend(error)[1:])
    assert git.files_at(tmp_path / "clone", ref) == ["x.csv"]


def test_a_shallow_clone_without_the_common_ancestor(repo, tmp_path):
    commit(repo, "x.csv")
    run(repo, "checkout", "--quiet", "-b", "feature")
    commit(repo, "y.csv")
    commit(repo, "z.csv")
    run(repo, "checkout", "--quiet", "main")
    commit(repo, "w.csv")
    run(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", "-b", "feature", repo.as_uri(), "clone")
    clone = tmp_path / "clone"
    with pytest.raises(UsageError, match="no common ancestor") as error:
        git.changed_since(clone, "origin/main")
    run(clone, *mend(error)[1:])
    assert git.changed_since(clone, "origin/main") == (
        run(repo, "rev-parse", "main~1"),
        (Change("y.csv", None), Change("z.csv", None)),
    )


def test_unrelated_histories(repo):
    commit(repo, "x.csv")
    run(repo, "checkout", "--quiet", "--orphan", "other")
    commit(repo, "y.csv")
    with pytest.raises(UsageError, match="no common ancestor"):
        git.changed_since(repo, "main")


def test_changes_since_the_merge_base(repo):
    text = "".join(f"5CG{n:07d},a\n" for n in range(30))
    commit(
        repo,
        "same.csv",
        "edited.csv",
        "staged.csv",
        "removed.csv",
        "deleted.csv",
        "untracked.csv",
        text="PATH",
    )
    commit(repo, "moved.csv", text=text)
    base = run(repo, "rev-parse", "HEAD")
    run(repo, "checkout", "--quiet", "-b", "feature")
    commit(repo, "committed.csv", text="PATH")
    (repo / "done").mkdir()
    run(repo, "mv", "moved.csv", "done/mo ved.csv")
    write(repo, "done/mo ved.csv", text=text + "5CG0000099,a\n")
    run(repo, "rm", "--quiet", "removed.csv")
    run(repo, "rm", "--quiet", "--cached", "untracked.csv")
    write(repo, "edited.csv", "staged.csv", text="other PATH")
    run(repo, "add", "staged.csv")
    (repo / "deleted.csv").unlink()
    write(repo, "draft.csv", "ignored.tmp", text="PATH")
    write(repo, ".git/info/exclude", text="*.tmp\n")
    run(repo, "worktree", "add", "--quiet", "../main", "main")
    commit(repo.parent / "main", "only-on-main.csv")
    assert git.changed_since(repo, "main") == (
        base,
        (
            Change("committed.csv", None),
            Change(None, "deleted.csv"),
            Change("done/mo ved.csv", "moved.csv"),
            Change("draft.csv", None),
            Change("edited.csv", "edited.csv"),
            Change(None, "removed.csv"),
            Change("staged.csv", "staged.csv"),
            Change("untracked.csv", "untracked.csv"),
        ),
    )


def test_no_git_program(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.root(repo) == repo
    with pytest.raises(git.GitMissing, match="install"):
        git.tracked(repo)


def test_a_repository_of_somebody_else(repo, monkeypatch):
    commit(repo, "x.csv")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for ask in (
        git.tracked,
        git.untracked,
        lambda r: git.exists(r, "HEAD"),
        lambda r: git.show(r, "HEAD", "x"),
    ):
        with pytest.raises(UsageError, match=r"dubious ownership[\s\S]*safe\.directory") as error:
            ask(repo)
        assert not isinstance(error.value, git.GitMissing)


def test_a_broken_pointer_is_an_error_in_words(tmp_path):
    write(tmp_path, ".git", text="gitdir: nowhere\n")
    with pytest.raises(UsageError, match="not a git repository"):
        git.tracked(tmp_path)


HOOK = """\
#!/bin/sh
{python} - <<'END'
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from wxp_lint.repo import git
root = Path({root!r})
Path({seen!r}).write_text(" ".join(git.tracked(root)) + "|" + " ".join(git.untracked(root)))
END
"""


def hook(repo, seen, root=None):
    """Lets the pre-commit hook of `repo` write down what is tracked and what is not."""
    script = HOOK.format(python=sys.executable, here=str(HERE), root=str(root or repo), seen=str(seen))
    folder = Path(run(repo, "rev-parse", "--git-common-dir"))
    path = repo / folder / "hooks/pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["commit", "-m", "m"], "a.csv b.csv staged.csv|draft.csv"),
        (["commit", "-a", "-m", "m"], "a.csv b.csv staged.csv|draft.csv"),
        (["commit", "-m", "m", "a.csv"], "a.csv b.csv|draft.csv staged.csv"),
        (["commit", "-m", "m", "--include", "a.csv"], "a.csv b.csv staged.csv|draft.csv"),
    ],
)
@pytest.mark.parametrize("place", ["repo", "worktree"])
def test_a_hook_sees_what_will_be_committed(repo, tmp_path, place, command, expected):
    commit(repo, "a.csv", "b.csv")
    folder = repo
    if place == "worktree":
        folder = tmp_path / "linked"
        run(repo, "worktree", "add", "--quiet", str(folder))
    write(folder, "staged.csv", "draft.csv")
    run(folder, "add", "staged.csv")
    write(folder, "a.csv", text="changed\n")
    seen = tmp_path / "seen"
    hook(folder, seen)
    run(folder, *command)
    assert seen.read_text() == expected


@pytest.mark.parametrize("command", [["commit", "-m", "m"], ["commit", "-m", "m", "a.csv"]])
@pytest.mark.parametrize("place", ["repo", "worktree"])
def test_a_hook_can_look_at_another_repository(repo, tmp_path, place, command):
    commit(repo, "a.csv")
    folder = repo
    if place == "worktree":
        folder = tmp_path / "linked"
        run(repo, "worktree", "add", "--quiet", str(folder))
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "--quiet")
    commit(other, "theirs.csv")
    write(other, "new.csv")
    write(folder, "a.csv", text="changed\n")
    run(folder, "add", "a.csv")
    seen = tmp_path / "seen"
    hook(folder, seen, other)
    run(folder, *command)
    assert seen.read_text() == "theirs.csv|new.csv"


def test_git_settings_of_the_caller_do_not_change_the_answer(repo, monkeypatch):
    commit(repo, "transfers/a.csv", "b.csv")
    run(repo, "config", "diff.renames", "false")
    run(repo, "config", "color.ui", "always")
    run(repo, "config", "core.quotePath", "true")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("LANGUAGE", "de")
    assert git.tracked(repo, ["transfers"]) == ["transfers/a.csv"]
    (repo / "b.csv").rename(repo / "c.csv")
    run_env = {k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_LITERAL_PATHSPECS")}
    subprocess.run(["git", "add", "--all"], cwd=repo, check=True, env=run_env)
    assert git.changed_since(repo, "HEAD")[1] == (Change("c.csv", "b.csv"),)


def test_asking_writes_nothing(repo):
    commit(repo, "x.csv")
    os.utime(repo / "x.csv", (1, 1))
    index = (repo / ".git/index").read_bytes()
    git.tracked(repo)
    git.untracked(repo)
    git.ignored(repo, ["x.csv"])
    git.show(repo, "HEAD", "x.csv")
    assert (repo / ".git/index").read_bytes() == index
