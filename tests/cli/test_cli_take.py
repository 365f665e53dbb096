"""`wxp-lint take` and `uploaded`: who does it, and that only one does."""

import json
import os
import re
import shlex

import pytest
from assignments import FILES, A, B


@pytest.fixture
def desk(git, write, cli):
    """A repository whose two transfers are prepared; their ids by path."""
    git("init", "-q")
    write(FILES)
    git("add", "--all")
    git("commit", "-qm", "files")
    assert cli("apply", "--yes").code == 0
    return {one["path"]: one["id"] for one in json.loads(cli("plan", "-o", "json").out)["transfers"]}


def state(cli, path):
    return next(one["state"] for one in json.loads(cli("plan", "-o", "json").out)["transfers"] if one["path"] == path)


def test_one_takes_and_uploads(desk, cli):
    done = cli("take", desk[A], "--by", "Ann Lee")
    assert (done.code, state(cli, A)) == (0, "taken")
    assert f"{desk[A]} is yours, Ann Lee: 3 PCs to Acme" in done.out
    assert f"wxp-lint uploaded {desk[A]}" in done.out

    done = cli("uploaded", desk[A], "--by", "Ann Lee")

    assert (done.code, state(cli, A)) == (0, "uploaded")
    assert "Whether they moved is not known yet" in done.out
    assert state(cli, B) == "prepared"


def test_below_the_root_the_folder_is_named_from_there(desk, cli, folder):
    below = folder / "transfers/acme"

    told = cli("take", desk[A], "--by", "Ann", cwd=below).out
    named = re.search(r"Upload (\S+) as (\S+) says", told)

    assert [(below / path).is_file() for path in named.groups()] == [True, True]
    for arguments in ["--rebuild", desk[B]], ["--yes"]:
        told = cli("apply", *arguments, cwd=below).out
        (path,) = {path.removesuffix("/RUNBOOK.md") for path in re.findall(r"\S*outbox/[^\s:]+", told)}
        assert (below / path / "RUNBOOK.md").is_file()


@pytest.mark.skipif(os.name == "nt", reason="the words of a POSIX shell")
@pytest.mark.parametrize("name", ["Ann Lee", 'My "Name"', "O'Hara", "$HOME `id`", "a\\b \"c\" 'd'", "Ann!"])
def test_what_it_says_to_paste_has_the_same_name(desk, cli, name):
    told = cli("take", desk[A], "--by", name).out

    words = shlex.split(told.partition("Then: ")[2])

    assert words == ["wxp-lint", "uploaded", desk[A], "--by", name]
    assert cli(*words[1:]).code == 0


def test_whoever_comes_second_is_told_who_has_it(desk, cli):
    cli("take", desk[A], "--by", "Ann Lee")

    done = cli("take", desk[A], "--by", "Bo Chen")

    assert done.code == 7
    assert "Ann Lee (" in done.err
    assert " UTC) has it" in done.err
    assert cli("take", desk[A], "--by", "ann lee").code == 0  # it is theirs already


@pytest.mark.parametrize("named", ["id", "beginning", "path"])
def test_a_transfer_can_be_named_in_several_ways(desk, cli, named):
    text = {"id": desk[A], "beginning": desk[A][:6], "path": A}[named]

    assert cli("take", text, "--by", "Ann").code == 0
    assert (state(cli, A), state(cli, B)) == ("taken", "prepared")


def test_what_nobody_took_cannot_have_been_uploaded(desk, cli):
    done = cli("uploaded", desk[A], "--by", "Ann")

    assert done.code == 2
    assert f'wxp-lint take {desk[A]} --by "NAME"' in done.err
    assert state(cli, A) == "prepared"


def test_saying_it_twice_does_no_harm_and_taking_it_back_is_refused(desk, cli):
    cli("take", desk[A], "--by", "Ann")
    cli("uploaded", desk[A], "--by", "Ann")

    assert cli("uploaded", desk[A], "--by", "Ann").code == 0
    assert "it is uploaded" in cli("take", desk[A], "--by", "Bo").err


def test_that_somebody_else_uploaded_is_recorded_and_shown(desk, cli):
    cli("take", desk[A], "--by", "Ann")

    done = cli("uploaded", desk[A], "--by", "Bo")

    assert (done.code, "by Bo (taken by Ann)" in done.out) == (0, True)


def test_taking_makes_a_missing_or_changed_folder_again(desk, cli, folder):
    upload = folder / ".wxp-lint/outbox" / desk[A] / "upload.csv"
    before = upload.read_bytes()
    upload.write_text("saved by a spreadsheet")

    done = cli("take", desk[A], "--by", "Ann")

    assert "had been changed" in done.out
    assert upload.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [("t-", "is the beginning of several transfers"), ("t-zzz", "no transfer 't-zzz'"), ("transfers/acme/x.csv", A)],
)
def test_a_name_that_fits_none_or_several(desk, cli, text, words):
    done = cli("take", text, "--by", "Ann")

    assert (done.code, words in done.err) == (2, True), done.err


def test_without_a_ledger(git, write, cli):
    git("init", "-q")
    write(FILES)

    done = cli("take", "t-1", "--by", "Ann")

    assert (done.code, "there is no ledger yet" in done.err) == (2, True)


def test_a_renamed_file_still_names_its_transfer(desk, cli, git, write):
    cli("take", A, "--by", "Ann")
    other = "transfers/acme/renamed.csv"
    git("mv", A, other)
    git("commit", "-qm", "renamed")
    assert state(cli, other) == "taken"

    done = cli("uploaded", f"./{other}", "--by", "Ann")

    assert (done.code, done.out.startswith(f"{desk[A]} is uploaded")) == (0, True), done.err
    assert cli("take", A, "--by", "Ann").err.startswith(f"wxp-lint: {desk[A]} cannot be taken any more")


def test_what_was_withdrawn_is_said_to_whoever_takes_it(desk, cli, git, write):
    git("mv", B, "transfers/contoso/renamed.csv")
    git("rm", "-q", A)
    git("commit", "-qm", "withdrawn")
    told = cli("apply", "--yes").out
    assert f"no open file now: if it was withdrawn, wxp-lint resolve {desk[A]}" in told
    assert f"Next: wxp-lint take {desk[B]}" in told
    assert "Mind" not in cli("take", desk[B], "--by", "Ann").out

    told = cli("take", desk[A], "--by", "Ann").out

    assert "Mind: no open file of the last commit holds these PCs" in told
    command = shlex.split(re.search("wxp-lint (resolve .+)", told)[1])
    assert "failed (was taken)" in cli(*command).out


def test_a_file_in_place_of_one_that_is_done_names_its_own_transfer(desk, cli, git, write):
    cli("take", A, "--by", "Ann")
    cli("uploaded", A, "--by", "Ann")
    cli("resolve", A, "--outcome", "moved", "--evidence", "seen", "--by", "Ann")
    git("mv", "-f", B, A)
    git("commit", "-qm", "renamed")

    assert cli("take", A, "--by", "Ann").out.startswith(f"{desk[B]} is yours")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("transfers/acme/aa.csv", f"'transfers/acme/aa.csv'; did you mean '{A}'? See wxp-lint plan\n"),
        ("nothing-like-it", "'nothing-like-it'. See wxp-lint plan\n"),
        ("transfers", "'transfers'; did you mean"),
        ("customers.csv", "'customers.csv'. See wxp-lint plan\n"),
    ],
)
def test_what_is_no_transfer_is_told(desk, cli, text, words):
    done = cli("uploaded", text, "--by", "Ann")

    assert done.code == 2
    assert f"the ledger has no transfer {words}" in done.err
