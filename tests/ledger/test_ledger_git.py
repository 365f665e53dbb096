"""The ledger in a git branch: what remotes, users' settings and other clones do to it."""

import os
import re
import subprocess
import time

import pytest
from sites import git
from writer import WHO, prepared

from wxp_lint.ledger import plumbing
from wxp_lint.ledger.events import Draft
from wxp_lint.ledger.protocol import Damaged, Lost, Refused, Unreachable, Unsure


@pytest.fixture
def site(site_of):
    return site_of("git")


def hook(remote, name, text):
    file = remote / "hooks" / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_the_branch_says_what_it_is_and_holds_one_file(site):
    log = site.book().append(None, [prepared("a"), prepared("b")], WHO)
    site.book().append(log.head, [Draft("taken", "t-a")], WHO)

    assert git(site.remote, "ls-tree", "--name-only", "wxp-ledger").split() == ["README.md", "events.jsonl"]
    assert "wxp-lint" in git(site.remote, "show", "wxp-ledger:README.md")
    subjects = git(site.remote, "log", "--format=%s", "wxp-ledger").splitlines()
    assert subjects == ["taken t-a", "created, prepared t-a, prepared t-b"]
    assert git(site.remote, "rev-list", "--max-parents=0", "wxp-ledger") == git(
        site.remote, "rev-parse", "wxp-ledger-start"
    )


def test_the_users_working_tree_index_and_branches_stay_as_they_are(site):
    root = site.root()
    (root / "tracked.txt").write_text("1")
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "add", "tracked.txt")
    (root / "tracked.txt").write_text("2")
    before = git(root, "status", "--porcelain=v2", "--branch")

    site.book().append(None, [prepared("a")], WHO)

    assert git(root, "status", "--porcelain=v2", "--branch") == before
    assert git(root, "branch", "--list") == ""
    assert not (root / ".git/FETCH_HEAD").exists()


def test_the_users_hooks_signatures_and_missing_name_are_no_obstacle(site):
    root = site.root()
    hooks = site.folder / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    for setting in ("commit.gpgSign true", "push.gpgSign true", "user.useConfigOnly true", "push.followTags true"):
        git(root, "config", *setting.split())
    git(root, "config", "core.hooksPath", str(hooks))

    log = site.book().append(None, [prepared("a")], WHO)

    assert site.book("two").read() == log
    assert git(site.remote, "log", "-1", "--format=%an", "wxp-ledger") == "wxp-lint"


def test_what_a_servers_hook_says_is_passed_on(site):
    log = site.book().append(None, [prepared("a")], WHO)
    hook(site.remote, "pre-receive", "echo only the release bot may push to this branch >&2; exit 1")

    with pytest.raises(
        Refused, match=r"nothing was written: .*pre-receive hook declined.*only the release bot may push"
    ):
        site.book().append(log.head, [Draft("taken", "t-a")], WHO)

    assert site.book().read() == log


def test_no_password_in_the_remotes_address_is_shown(site):
    git(site.root(), "remote", "set-url", "origin", "https://kim:s3cret@127.0.0.1:9/x.git")

    with pytest.raises(Unreachable) as told:
        site.book().read()

    assert "127.0.0.1:9/x.git" in str(told.value)
    assert "s3cret" not in str(told.value)


def test_a_remote_that_is_away_says_nothing_of_the_ledger(site):
    ledger = site.book()
    log = ledger.append(None, [prepared("a")], WHO)
    away = site.remote.rename(site.folder / "away.git")

    with pytest.raises(Unsure, match="whether it was written is not known"):
        ledger.append(log.head, [Draft("taken", "t-a")], WHO)
    with pytest.raises(Unreachable, match=r"is out of reach: .*does not appear to be a git repository"):
        ledger.read()

    away.rename(site.remote)
    assert ledger.read() == log
    assert len(ledger.append(log.head, [Draft("taken", "t-a")], WHO).events) == 3


def test_an_answer_that_is_lost_is_found_out(site):
    """The server takes the push, and dies before it says so."""
    ledger = site.book()
    log = ledger.append(None, [prepared("a")], WHO)
    hook(site.remote, "post-receive", "kill -9 $PPID")

    after = ledger.append(log.head, [Draft("taken", "t-a")], WHO)

    assert len(after.events) == 3
    assert site.book("two").read() == after


def test_a_server_that_dies_before_it_takes_the_push_leaves_a_doubt(site):
    ledger = site.book()
    log = ledger.append(None, [prepared("a")], WHO)
    hook(site.remote, "pre-receive", "kill -9 $PPID")

    with pytest.raises(Unsure, match="run the command again"):
        ledger.append(log.head, [Draft("taken", "t-a")], WHO)

    (site.remote / "hooks/pre-receive").unlink()
    assert ledger.read() == log
    assert len(ledger.append(log.head, [Draft("taken", "t-a")], WHO).events) == 3


def test_a_shallow_clone_of_another_branch_reads_and_writes(site):
    root = site.root()
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for number in range(3):
        git(root, *identity, "commit", "-q", "--allow-empty", "-m", str(number))
    git(root, "push", "-q", "origin", "HEAD:main")
    log = site.book().append(None, [prepared("a")], WHO)
    for kind in ("taken", "uploaded"):
        log = site.book().append(log.head, [Draft(kind, "t-a")], WHO)
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--branch=main", f"file://{site.remote}", str(site.folder / "shallow")],
        check=True,
    )

    ledger = site.book("shallow")
    assert ledger.read() == log
    assert len(ledger.append(log.head, [Draft("reported", "t-a")], WHO).events) == 5
    assert git(site.folder / "shallow", "rev-list", "--count", "HEAD") == "1"


def test_a_fresh_clone_notices_that_the_branch_was_deleted(site):
    log = site.book().append(None, [prepared("a")], WHO)
    site.lose()

    with pytest.raises(Lost, match="the tag wxp-ledger-start says that there was"):
        site.book("two").read()

    # It comes back where it began, so that nothing has to be forced.
    accepted = site.book("two").accept("gone", [], WHO)
    assert accepted.id == log.id
    assert site.book("three").read() == accepted


@pytest.mark.parametrize("has_tag", [True, False])
def test_a_branch_that_was_deleted_comes_back_from_what_a_clone_knows_of_it(site, has_tag):
    log = site.book().append(None, [prepared("a")], WHO)
    site.lose()
    site.forget("one")
    if not has_tag:
        git(site.remote, "tag", "-d", "wxp-ledger-start")

    with pytest.raises(Lost) as lost:
        site.book().read()

    command = re.search(r"\(git (push [^)]+)\)", str(lost.value))[1]
    git(site.root(), *command.split())
    assert site.book("fresh").read() == log


def test_a_branch_that_was_never_pushed_is_not_forgotten(site):
    root = site.root()
    git(root, "remote", "rename", "origin", "later")
    log = site.book().append(None, [prepared("a")], WHO)
    git(root, "remote", "rename", "later", "origin")
    site.forget("one")

    with pytest.raises(Lost, match="git push origin wxp-ledger"):
        site.book().read()

    git(root, "push", "-q", "origin", "wxp-ledger")
    assert site.book().read() == log


def test_a_hand_that_edits_the_branch_is_noticed(site):
    log = site.book().append(None, [prepared("a")], WHO)
    log = site.book().append(log.head, [prepared("b"), Draft("taken", "t-a")], WHO)
    root = site.root("hand")
    git(root, "fetch", "-q", "origin", "wxp-ledger")
    git(root, "checkout", "-q", "FETCH_HEAD")
    file = root / "events.jsonl"
    file.write_text(file.read_text().replace("t-b", "t-c"))
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qam", "tidy up")
    git(root, "push", "-q", "origin", "HEAD:wxp-ledger")

    with pytest.raises(Damaged, match="event 4 does not follow event 3"):
        site.book("other").read()
    git(site.remote, "update-ref", "refs/heads/wxp-ledger", "wxp-ledger~1")
    assert site.book("other").read() == log


def test_a_lock_that_a_killed_git_left_holds_nobody_up(site):
    root = site.root()
    log = site.book().append(None, [prepared("a")], WHO)
    lock = root / ".git/refs/remotes/origin/wxp-ledger.lock"
    lock.touch()
    began = time.monotonic()

    log = site.book().append(log.head, [Draft("taken", "t-a")], WHO)

    assert time.monotonic() - began < 5
    assert lock.exists()  # somebody may be at it
    os.utime(lock, (0, 0))
    site.book().read()
    assert not lock.exists()
    site.book().read()
    assert git(root, "rev-parse", "origin/wxp-ledger") == git(site.remote, "rev-parse", "wxp-ledger")
    assert len(log.events) == 3


def test_without_a_repository_there_is_no_such_ledger(tmp_path):
    from writer import book

    with pytest.raises(Unreachable, match="is in no git repository"):
        book(tmp_path, "git:wxp-ledger").read()


def test_check_reads_what_the_clone_knows_in_one_call_and_without_the_remote(site, monkeypatch):
    log = site.book().append(None, [prepared("a")], WHO)
    site.remote.rename(site.folder / "away.git")
    calls = []
    run = plumbing.program.run
    monkeypatch.setattr(
        plumbing.program, "run", lambda root, *words, **more: calls.append(words) or run(root, *words, **more)
    )

    assert plumbing.local_lines(site.root(), "wxp-ledger") == log.lines
    assert len(calls) == 1
