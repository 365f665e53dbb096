import json
import os

import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
MAY = f"Serial Number,Customer ID\n5CG8234XMV,{ACME}\n5CG02382XZ,{ACME}\n"
JUNE = f"Serial Number,Customer ID\n5CD22345V9,{ACME}\n"
LEDGER_RULES = {"WXP604", "WXP701", "WXP702", "WXP703"}


@pytest.fixture
def repo(write, git):
    """A repository with two files that were merged; its ledger is SQLite."""
    write({"wxp-lint.toml": 'fail-on = "never"\n', "transfers/may.csv": MAY, "transfers/acme/june.csv": JUNE})
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")


def not_run(done):
    return {rule["code"]: rule["reason"] for rule in json.loads(done.out)["not_run"]}


def append(folder, ledger, *drafts):
    from wxp_lint.config.settings import Apply, Settings
    from wxp_lint.ledger.events import Actor, Context
    from wxp_lint.ledger.open import open_ledger

    book = open_ledger(Settings(root=folder, apply=Apply(ledger=ledger)))
    log = book.read()
    return book.append(log and log.head, drafts, Context(Actor("Ann Lee", "typed")))


def test_without_a_ledger_its_rules_do_not_run(cli, repo):
    done = cli("check", "--output", "json")

    assert {code: reason for code, reason in not_run(done).items() if code in LEDGER_RULES} == dict.fromkeys(
        LEDGER_RULES, "no ledger yet"
    )
    assert not os.path.lexists(".wxp-lint")


def test_what_was_done_before_there_was_a_ledger_is_entered_and_never_confirmed(cli, repo, folder):
    done = cli("ledger", "baseline", "--settled", "transfers/acme", "--by", "Ann Lee", "--reason", "by hand in June")

    assert (done.code, done.err) == (0, "")
    assert "1 transfer entered as carried out before there was a ledger, by Ann Lee" in done.out
    assert "transfers/acme/june.csv" in done.out
    header, *lines = cli("ledger", "export").out.splitlines()
    assert json.loads(header)["events"] == 3
    created, accepted, reported = map(json.loads, lines)
    assert [created["kind"], accepted["kind"], reported["kind"]] == ["created", "accepted", "reported"]
    assert accepted["data"]["reason"] == "by hand in June"
    assert reported["actor"] == {"name": "Ann Lee", "origin": "typed"}
    assert reported["data"]["evidence"] == "baseline"
    assert reported["data"]["serials"] == ["5CD22345V9"]

    plan = json.loads(cli("plan", "--output", "json").out)
    assert [one["path"] for one in plan["transfers"]] == ["transfers/may.csv"]
    again = cli("ledger", "baseline", "--settled", "transfers/acme")
    assert (again.code, again.err) == (
        2,
        "wxp-lint: no open transfer is at transfers/acme: see wxp-lint plan; nothing was written\n",
    )


def test_all_open_transfers_can_be_entered_at_once(cli, repo):
    done = cli("ledger", "baseline", "--all")

    assert (done.code, done.err) == (0, "")
    assert "2 transfers entered" in done.out
    assert json.loads(cli("plan", "--output", "json").out)["transfers"] == []


def test_standard_input_in_place_of_a_done_file_is_open_once_it_says_something_else(cli, repo, write):
    cli("ledger", "baseline", "--settled", "transfers/may.csv")
    write({"transfers/acme/june.csv": MAY})

    def codes(text):
        named = ("--stdin-filename", "transfers/may.csv")
        return set(cli("check", "-", *named, "-o", "json", stdin=text.encode()).codes)

    assert codes(MAY) == codes(MAY.replace("\n", "\r\n")) == set()
    assert codes(MAY.replace("5CG02382XZ", "5CG8235Q1K")) & {"WXP402", "WXP403", "WXP404"}


def test_a_done_file_is_open_no_more_until_it_is_edited(cli, repo, write):
    """Its PC stands in another file too, which only open files are told."""
    cli("ledger", "baseline", "--settled", "transfers/may.csv")
    write({"transfers/acme/june.csv": MAY})

    def check():
        return sorted(set(cli("check", "--output", "json").codes) & {"WXP402", "WXP403", "WXP404"})

    assert check() == []
    # Saved anew, it is the same transfer.
    write({"transfers/may.csv": MAY.replace("\n", "\r\n").replace(",", ";")})
    assert check() == []
    write({"transfers/may.csv": MAY + f"5CD22345V8,{ACME}\n"})
    assert check() != []


def test_rules_speak_from_the_ledger(cli, repo, folder, write):
    cli("ledger", "baseline", "--all")
    write({"transfers/may.csv": MAY + f"5CD22345V8,{ACME}\n"})

    done = cli("check", "--output", "json")

    assert "WXP701" in done.codes
    assert not LEDGER_RULES & set(not_run(done))


def test_a_lost_ledger_is_said_and_accepted(cli, repo, folder):
    cli("ledger", "baseline", "--all")
    for file in (folder / ".wxp-lint").glob("ledger.db*"):
        file.unlink()

    done = cli("check", "--output", "json")
    assert done.code == 0
    assert "the ledger is lost" in not_run(done)["WXP701"]
    assert cli("ledger", "export").code == 2

    done = cli("ledger", "baseline", "--reason", "the laptop was stolen")
    assert done.code == 0
    assert "is accepted with 2 events" in done.out
    assert "nothing to accept" in cli("ledger", "baseline").out


@pytest.mark.parametrize("arguments", [[], ["--reason", " "], ["--all"], ["--settled", "transfers/acme"]])
def test_what_is_accepted_needs_a_reason(cli, repo, folder, arguments):
    cli("ledger", "baseline", "--settled", "transfers/may.csv")
    for file in (folder / ".wxp-lint").glob("ledger.db*"):
        file.unlink()

    done = cli("ledger", "baseline", *arguments)

    said = " ".join(["wxp-lint ledger baseline", *(arguments if " " not in arguments else []), '--reason "TEXT"'])
    assert (done.code, done.out) == (2, "")
    assert "the ledger is lost" in done.err
    assert "It would be accepted: that sqlite ledger .wxp-lint/ledger.db holds nothing;" in done.err
    assert done.err.endswith(f"If that is right: {said}\n")
    assert cli("ledger", "export").code == 2


def test_what_is_there_in_place_of_the_ledger_needs_a_reason_too(cli, repo, folder):
    cli("ledger", "baseline", "--settled", "transfers/may.csv")
    for file in (folder / ".git/wxp-lint").iterdir():
        file.rename(folder / "mark.json")
    for file in (folder / ".wxp-lint").glob("ledger.db*"):
        file.unlink()
    cli("ledger", "baseline", "--settled", "transfers/may.csv")
    (folder / "mark.json").rename(folder / ".git/wxp-lint" / next((folder / ".git/wxp-lint").iterdir()).name)

    done = cli("ledger", "baseline")

    assert (done.code, "as it is, with 3 events" in done.err) == (2, True), done.err
    assert cli("ledger", "baseline", "--reason", "the other laptop's").code == 0


def test_an_export_goes_into_an_empty_ledger_of_another_kind(cli, repo, write, folder):
    cli("ledger", "baseline", "--all")
    assert cli("ledger", "export", "ledger.jsonl").out.startswith("ledger.jsonl: 4 events")
    assert "is there already" in cli("ledger", "export", "ledger.jsonl").err
    write({"wxp-lint.toml": '[apply]\nledger = "git:wxp-ledger"\n'})
    assert "the ledger is lost" in cli("ledger", "export").err

    done = cli("ledger", "import", "ledger.jsonl")

    assert (done.code, done.out) == (0, "git branch wxp-ledger: 4 events imported\n")
    assert cli("ledger", "export").out.splitlines()[1:5] == (folder / "ledger.jsonl").read_text().splitlines()[1:]
    again = cli("ledger", "import", "ledger.jsonl")
    assert (again.code, "holds a ledger already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no exported ledger"),
        ("{}\n", "is no exported ledger"),
        ("[" * 100_000, "is no exported ledger"),
        ('{"format": "wxp-lint-ledger", "version": 2}\n', "has version 2, this wxp-lint knows 1: update wxp-lint"),
        ('{"format": "wxp-lint-ledger", "version": 1, "events": 0}\n', "is damaged: it holds no event"),
        ('{"format": "wxp-lint-ledger", "version": 1}\n{"kind": "created"}\n', "is damaged: event 1 cannot be read"),
    ],
)
def test_what_is_no_export_is_refused(cli, repo, write, text, words):
    write({"x.jsonl": text})

    done = cli("ledger", "import", "x.jsonl")

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "no ledger yet" in cli("check", "--output", "json").out


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        ("postgresql://kim:s3cret@127.0.0.1:9/x", "postgresql ledger 127.0.0.1/x is out of reach"),
        ("env:THE_LEDGER", "the environment variable THE_LEDGER is not set"),
        ("git:wxp-ledger", "no ledger yet, or the branch wxp-ledger was not fetched: git fetch origin wxp-ledger:"),
    ],
)
def test_a_ledger_out_of_reach_is_a_reason_and_no_error(cli, repo, write, git, ledger, reason):
    git("remote", "add", "origin", "https://127.0.0.1:9/x.git")
    write({"wxp-lint.toml": f'[apply]\nledger = "{ledger}"\n'})

    done = cli("check", "--output", "json")

    assert (done.code, done.err) == (0, "")
    assert reason in not_run(done)["WXP701"]
    assert "s3cret" not in done.out


def test_check_does_not_touch_what_it_reads(cli, repo, folder):
    cli("ledger", "baseline", "--all")
    before = {file: file.stat().st_mtime_ns for file in (folder / ".git/wxp-lint").iterdir()}
    data = (folder / ".wxp-lint/ledger.db").read_bytes()

    cli("check")

    assert {file: file.stat().st_mtime_ns for file in (folder / ".git/wxp-lint").iterdir()} == before
    assert (folder / ".wxp-lint/ledger.db").read_bytes() == data


def test_pcs_that_are_under_way_were_not_carried_out_before_there_was_a_ledger(cli, repo, write, git):
    assert cli("record", "--serial", "5CG02382XZ", "--from", "unassigned", "--to", ACME, "--why", "rush").code == 0
    write({"transfers/may.csv": MAY + f"5CD22345V8,{ACME}\n"})
    git("commit", "-qam", "another PC")
    before = cli("ledger", "export").out

    done = cli("ledger", "baseline", "--settled", "transfers/may.csv")

    assert done.code == 2
    assert "transfers/may.csv cannot have been carried out by itself: 5CG02382XZ is under way to " in done.err
    assert cli("ledger", "export").out == before
