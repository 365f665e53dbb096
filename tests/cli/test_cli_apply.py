"""`wxp-lint apply`: what is refused, what is handed over, and that nothing is handed over twice."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from shutil import copytree

import pytest
from assignments import ACME, CONFIG, CONTOSO, FILES, A, B, serial, sheet, tree

from wxp_lint.transfer.failpoint import FAILPOINTS


class Clone:
    """A clone of a bare repository."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment

    def git(self, *arguments):
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True
        )
        return done.stdout.decode()

    def start(self, *arguments, env=None):
        return subprocess.Popen(
            [sys.executable, "-m", "wxp_lint", *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments, env=None):
        process = self.start(*arguments, env=env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.decode(), err.decode()

    def write(self, files):
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    def merge(self, files):
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "-qm", "files")
        self.git("push", "-q", "origin", "HEAD:main")

    def states(self):
        code, out, err = self.run("plan", "-o", "json")
        assert code == 0, err
        return {one["path"]: one["state"] for one in json.loads(out)["transfers"]}

    @property
    def outbox(self):
        return self.folder / ".wxp-lint/outbox"

    def prepared(self):
        """How often each transfer was prepared, by the ledger."""
        code, out, err = self.run("ledger", "export")
        assert code == 0, err
        names = [event["transfer"] for event in map(json.loads, out.splitlines()) if event.get("kind") == "prepared"]
        return {name: names.count(name) for name in names}


@pytest.fixture(scope="module")
def bare(tmp_path_factory, environment):
    """A bare repository, and a clone of it with the files of `FILES` pushed: made once, then copied."""
    place = tmp_path_factory.mktemp("made")
    subprocess.run(["git", "init", "-q", "--bare", place / "origin.git"], check=True, env=environment)
    (place / "desk").mkdir()
    made = Clone(place / "desk", environment)
    made.git("init", "-q")
    made.git("remote", "add", "origin", "../origin.git")
    made.merge(FILES)
    made.git("fetch", "-q")
    return place


@pytest.fixture
def cloned(bare, tmp_path, environment):
    """Makes clones of one bare repository."""
    copytree(bare / "origin.git", tmp_path / "origin.git")

    def clone(name):
        copytree(bare / "desk", tmp_path / name)
        made = Clone(tmp_path / name, environment)
        made.git("pull", "-q", "origin", "main")
        return made

    return clone


GIT_LEDGER = CONFIG + '[apply]\nledger = "git:wxp-ledger"\n'


@pytest.fixture
def desk(cloned):
    return cloned("desk")


def test_the_outbox_holds_what_a_person_uploads(desk):
    code, out, _ = desk.run("apply", "--yes")

    assert code == 0
    assert out.startswith("2 files ready to upload by hand. Nothing has been sent to HP.\n")
    folders = sorted(desk.outbox.iterdir())
    assert len(folders) == 2
    uploads = {folder.name: (folder / "upload.csv").read_bytes() for folder in folders}
    assert sheet(1, 2, 3).encode() in uploads.values()
    assert sheet(20, 21, to=CONTOSO).encode() in uploads.values()
    for folder in folders:
        assert folder.name in out
        about = json.loads((folder / "transfer.json").read_text())
        upload = hashlib.sha256(uploads[folder.name]).hexdigest()
        assert (about["id"], about["upload"]) == (folder.name, upload)
        assert about["sheet"] == hashlib.sha256((desk.folder / about["path"]).read_bytes()).hexdigest()
        runbook = (folder / "RUNBOOK.md").read_text()
        assert upload in runbook
        assert f"wxp-lint take {folder.name}" in runbook
        assert about["target"]["customer_id"] in runbook
    assert desk.git("status", "--short") == ""
    assert desk.states() == {A: "prepared", B: "prepared"}


def test_what_people_carry_beside_the_two_columns_is_not_sent(desk):
    text = f"Serial Number,Customer ID,Asset Tag\n{serial(1).lower()},{ACME.upper()},secret-4711\n"
    desk.merge({A: text, "wxp-lint.toml": CONFIG + '[columns]\ncarry = ["asset tag"]\n'})
    desk.run("apply", "--yes")

    sent = [folder.joinpath("upload.csv").read_text() for folder in desk.outbox.iterdir()]

    assert sheet(1) in sent  # the registry's form of the ID, the serial's own
    assert not any("secret-4711" in text for text in sent)


def test_applying_again_changes_nothing(desk):
    desk.run("apply", "--yes")
    before = tree(desk.outbox)

    code, out, _ = desk.run("apply", "--yes")

    assert code == 0
    assert "prepared before" in out
    assert tree(desk.outbox) == before
    assert set(desk.prepared().values()) == {1}


def test_without_a_terminal_it_has_to_be_told(desk):
    code, _, err = desk.run("apply")

    assert code == 2
    assert "apply --yes" in err
    assert not desk.outbox.exists()


def test_without_a_terminal_a_refusal_comes_first_and_nothing_to_do_needs_no_answer(desk):
    (desk.folder / "wxp-lint.toml").write_text(CONFIG + "# edited\n")
    code, _, err = desk.run("apply")
    assert code == 5
    assert "wxp-lint.toml" in err

    desk.git("checkout", "-q", "wxp-lint.toml")
    desk.run("apply", "--yes")
    assert desk.run("apply")[0] == 0


def test_a_saved_plan_is_done_once(desk, tmp_path):
    plan = tmp_path / "plan.json"
    desk.run("plan", "--save", str(plan))

    assert desk.run("apply", "--plan", str(plan))[0] == 0
    code, _, err = desk.run("apply", "--plan", str(plan))

    assert code == 5
    assert "the ledger has gone on" in err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wxp-lint.toml": CONFIG + "[apply]\nmax-devices = 499\n"}, "the config, the rules"),
        ({A: sheet(1, 2)}, "transfer files have changed"),
    ],
)
def test_a_plan_is_stale_once_something_changed(desk, tmp_path, change, words):
    plan = tmp_path / "plan.json"
    desk.run("plan", "--save", str(plan))
    desk.merge(change)

    code, _, err = desk.run("apply", "--plan", str(plan))

    assert code == 5
    assert words in err
    assert not desk.outbox.exists()


def test_a_plan_expires_and_cannot_be_edited(desk, tmp_path):
    plan = tmp_path / "plan.json"
    desk.run("plan", "--save", str(plan))
    saved = json.loads(plan.read_text())
    plan.write_text(json.dumps({**saved, "expires": "2020-01-01T00:00:00Z"}))
    assert desk.run("apply", "--plan", str(plan))[0] == 5
    plan.write_text(json.dumps({**saved, "digest": "0" * 64}))
    assert "changed by hand" in desk.run("apply", "--plan", str(plan))[2]

    for text in ("{}", "no json", "[1]"):
        plan.write_text(text)
        code, _, err = desk.run("apply", "--plan", str(plan))
        assert (code, "is no plan" in err) == (2, True)


def test_a_stale_plan_is_refused_whatever_else_is_said(desk, tmp_path):
    plan = tmp_path / "plan.json"
    desk.run("plan", "--save", str(plan))
    desk.merge({A: sheet(1, 2)})

    assert desk.run("apply", "--yes", "--plan", str(plan))[0] == 5


def test_refused_what_is_not_committed(desk):
    desk.write({A: sheet(1)})
    code, _, err = desk.run("apply", "--yes")
    assert (code, A in err) == (5, True)
    desk.git("checkout", "-q", A)

    desk.write({"transfers/acme/draft.csv": sheet(4)})
    code, _, err = desk.run("apply", "--yes")
    assert (code, "transfers/acme/draft.csv" in err) == (5, True)
    (desk.folder / "transfers/acme/draft.csv").unlink()

    desk.write({"notes.txt": "not in git, and no transfer"})
    assert desk.run("apply", "--yes")[0] == 0


SUPPRESSED = '[[ignore]]\nrule = "WXP202"\npath = "**"\nreason = "mine"\n'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{A}.toml", '[possession]\nby = "me"\n'),
        ("transfers/acme/transfer.toml", '[possession]\nby = "me"\n'),
        ("wxp-lint-ignore.toml", SUPPRESSED),
        ("wxp-lint-baseline.json", '{"version": 1, "findings": []}\n'),
    ],
)
@pytest.mark.parametrize("is_ignored", [False, True])
def test_refused_what_speaks_for_transfers_and_is_in_no_clone(desk, path, text, is_ignored):
    if is_ignored:
        desk.merge({".gitignore": f"/{path}\n"})
    desk.write({path: text})

    code, _, err = desk.run("apply", "--yes")

    assert (code, f"not in git: {path}. Commit and merge" in err) == (5, True), err
    assert not desk.outbox.exists()
    out = desk.run("plan")[1]
    assert f"counted here although git does not track it: {path}: commit and merge it" in out
    assert "which would be refused here" in out
    desk.git("add", "--force", path)
    desk.merge({})
    assert desk.run("apply", "--yes")[0] == 0


OWN_RULE = """
code = "OWN001"
name = "own-rule"
level = "warning"
since = "0.1.0"
subject = "row"
summary = "A row"
why = "For the test."
message = "a row"
query = "select path, line, 'serial' as field from row where serial = 'none'"

[[examples]]
name = "other"
kind = "good"
csv = "Serial Number,Customer ID\\n5CG8234XMV,x"
findings = []

[[examples]]
name = "none"
kind = "bad"
csv = "Serial Number,Customer ID\\nnone,x"
findings = ["2 serial"]
"""
OWN_RULES = {"wxp-lint.toml": f'custom-rules = ["own"]\n{CONFIG}', "own/OWN001-own-rule.toml": OWN_RULE}


@pytest.mark.parametrize("path", ["wxp-lint.toml", "customers.csv", "own/OWN001-own-rule.toml"])
@pytest.mark.parametrize("is_ignored", [False, True])
def test_refused_what_decides_for_all_and_is_in_no_clone(desk, path, is_ignored):
    desk.merge(OWN_RULES)
    desk.git("rm", "-q", "--cached", path)
    if is_ignored:
        desk.write({".gitignore": f"/{path}\n"})
        desk.git("add", ".gitignore")
    desk.git("commit", "-qm", "not in git")
    desk.git("push", "-q", "origin", "HEAD:main")

    code, _, err = desk.run("apply", "--yes")

    assert (code, f"not in git: {path}. Commit and merge" in err) == (5, True), err
    assert not desk.outbox.exists()
    assert f"counted here although git does not track it: {path}: commit" in desk.run("plan")[1]


def test_what_decides_from_elsewhere_refuses_nothing(desk, environment):
    rules = desk.folder.parent / "rules"
    rules.mkdir()
    own = Clone(rules, environment)
    own.git("init", "-q")
    own.write({"OWN001-own-rule.toml": OWN_RULE})
    own.git("add", "--all")
    own.git("commit", "-qm", "rule")
    desk.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(rules), "own")
    (desk.folder.parent / "customers.csv").write_text(FILES["customers.csv"])
    desk.merge({"wxp-lint.toml": OWN_RULES["wxp-lint.toml"].replace("customers.csv", "../customers.csv")})

    code, _, err = desk.run("apply", "--yes")

    assert code == 0, err


def test_what_speaks_for_no_open_transfer_refuses_nothing(desk):
    desk.write(
        {
            "transfers/acme/done/x.csv.toml": "",
            "transfers/bergmann/transfer.toml": "",
            "unassigned-2026-11-09.csv": "Serial Number\n",
        }
    )

    assert desk.run("apply", "--yes")[0] == 0


def test_a_lock_file_of_a_spreadsheet_refuses_nothing(desk):
    desk.write({"transfers/acme/~$x.xlsx": "a name"})
    assert desk.run("apply", "--yes")[0] == 0
    desk.merge({})

    desk.write({"transfers/acme/~$x.xlsx": "another name"})

    assert desk.run("apply", "--yes")[0] == 0


def test_refused_from_another_branch_and_from_behind(desk, cloned):
    desk.git("switch", "-qc", "more")
    desk.write({"transfers/acme/more.csv": sheet(4)})
    desk.git("add", "--all")
    desk.git("commit", "-qm", "more")
    code, _, err = desk.run("apply", "--yes")
    assert (code, "transfers/acme/more.csv" in err, "not the tip of origin/main" in err) == (5, True, True)

    desk.git("switch", "-q", "main")
    cloned("other").merge({"transfers/acme/new.csv": sheet(5)})
    desk.git("fetch", "-q")
    code, _, err = desk.run("apply", "--yes")
    assert (code, "is behind origin/main" in err, "git pull" in err) == (5, True, True)

    desk.git("checkout", "-q", "--detach", "origin/main")
    assert desk.run("apply", "--yes")[0] == 0


def test_what_was_committed_to_the_branch_itself_is_pushed_first(desk):
    desk.write({"transfers/acme/more.csv": sheet(4)})
    desk.git("add", "--all")
    desk.git("commit", "-qm", "more")

    code, _, err = desk.run("apply", "--yes")

    assert (code, "before it is merged: git push origin main, or where reviews" in err) == (5, True), err
    desk.git("push", "-q", "origin", "main")
    assert desk.run("apply", "--yes")[0] == 0


def test_refused_where_the_branch_is_not_there(desk):
    desk.merge({"wxp-lint.toml": CONFIG + '[apply]\nbranch = "trunk"\n'})

    code, _, err = desk.run("apply", "--yes")

    assert (code, "git fetch origin trunk:refs/remotes/origin/trunk" in err) == (5, True)


def test_what_was_never_pushed_is_pushed_first(desk):
    desk.git("update-ref", "-d", "refs/remotes/origin/main")
    subprocess.run(["git", "update-ref", "-d", "refs/heads/main"], cwd=desk.folder.parent / "origin.git", check=True)

    code, _, err = desk.run("apply", "--yes")

    assert (code, "git push -u origin main if origin has no such branch yet, else git fetch origin main:" in err) == (
        5,
        True,
    ), err
    desk.git("push", "-q", "-u", "origin", "main")
    assert desk.run("apply", "--yes")[0] == 0


def test_refused_once_the_ledger_is_lost(desk):
    desk.run("apply", "--yes")
    for file in (desk.folder / ".wxp-lint").glob("ledger.db*"):
        file.unlink()

    code, _, err = desk.run("apply", "--yes")

    assert (code, "lost" in err) == (5, True)


def test_what_is_blocked_holds_up_nothing_else(desk):
    desk.merge({A: sheet(1) + f"5CG48H,{ACME}\n"})

    code, out, _ = desk.run("apply", "--yes")

    assert code == 1
    assert out.startswith("1 file ready to upload by hand. Nothing has been sent to HP.\n")
    assert f"blocked: {A}" in out
    assert "WXP202" in out


def test_nothing_to_do(desk):
    desk.git("rm", "-q", A, B)
    desk.merge({})

    code, out, _ = desk.run("apply", "--yes")

    assert (code, out) == (0, "No file is ready to upload. Nothing has been sent to HP.\n")


def test_an_outbox_that_cannot_be_written_is_safe_to_repeat(desk):
    (desk.folder / ".wxp-lint").mkdir()
    (desk.folder / ".wxp-lint/staging").write_text("in the way")

    code, out, _ = desk.run("apply", "--yes")

    assert code == 8
    assert "could not be written" in out
    (desk.folder / ".wxp-lint/staging").unlink()
    assert desk.run("apply", "--yes")[0] == 0
    assert set(desk.prepared().values()) == {1}


def test_an_outbox_among_the_transfers_is_refused(desk):
    desk.merge({"wxp-lint.toml": CONFIG + '[apply]\noutbox = "transfers/out"\n'})

    code, _, err = desk.run("apply", "--yes")

    assert (code, "outbox transfers/out" in err) == (2, True)


def test_a_folder_is_made_again_byte_by_byte(desk):
    desk.run("apply", "--yes")
    before = tree(desk.outbox)
    name = next(desk.outbox.iterdir()).name
    (desk.outbox / name / "upload.csv").write_text("saved by a spreadsheet")

    code, out, _ = desk.run("apply", "--rebuild", name[:6])

    assert (code, "made again" in out) == (0, True)
    assert tree(desk.outbox) == before
    assert set(desk.prepared().values()) == {1}


def test_what_was_changed_in_the_outbox_is_put_right_and_told(desk):
    desk.run("apply", "--yes")
    before = tree(desk.outbox)
    (next(desk.outbox.iterdir()) / "upload.csv").write_text("saved by a spreadsheet")

    code, out, _ = desk.run("apply", "--yes")

    assert (code, "it had been changed" in out) == (0, True)
    assert tree(desk.outbox) == before


@pytest.mark.parametrize("name", FAILPOINTS)
def test_whenever_it_dies_the_next_run_completes_it(desk, name):
    process = desk.start("apply", "--yes", env={"WXP_LINT_FAILPOINT": name})
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    if desk.outbox.exists():  # nothing in it is half built
        assert all(len(list(folder.iterdir())) == 3 for folder in desk.outbox.iterdir())

    code, out, _ = desk.run("apply", "--yes")

    assert code == 0
    assert out.startswith("2 files ready")
    assert list(desk.prepared().values()) == [1, 1]
    assert desk.states() == {A: "prepared", B: "prepared"}
    assert {data for path, data in tree(desk.outbox).items() if path.endswith("upload.csv")} == {
        sheet(1, 2, 3).encode(),
        sheet(20, 21, to=CONTOSO).encode(),
    }


def test_twelve_runners_in_one_clone_prepare_everything_once(desk):
    runners = [desk.start("apply", "--yes") for _ in range(12)]
    ends = [(runner.communicate(timeout=120), runner.returncode) for runner in runners]

    assert [code for _, code in ends] == [0] * 12, ends
    assert list(desk.prepared().values()) == [1, 1]
    assert len(list(desk.outbox.iterdir())) == 2


def test_runners_in_several_clones_prepare_everything_once(cloned):
    cloned("desk").merge({"wxp-lint.toml": GIT_LEDGER})
    clones = [cloned(f"clone-{n}") for n in range(4)]
    runners = [clone.start("apply", "--yes") for clone in clones for _ in range(3)]
    ends = [(runner.communicate(timeout=120), runner.returncode) for runner in runners]

    assert [code for _, code in ends] == [0] * 12, ends
    assert list(clones[0].prepared().values()) == [1, 1]
    assert len({json.dumps(sorted((k, v.hex()) for k, v in tree(clone.outbox).items())) for clone in clones}) == 1


def test_another_clone_makes_identical_folders(cloned):
    first = cloned("first")
    first.merge({"wxp-lint.toml": GIT_LEDGER})
    first.run("apply", "--yes")

    second = cloned("second")
    code, out, _ = second.run("apply", "--yes")

    assert (code, "made again here" in out) == (0, True)
    assert tree(second.outbox) == tree(first.outbox)


def test_somebody_at_a_terminal_is_shown_the_plan_and_asked(desk):
    if sys.platform == "win32":
        pytest.skip("a pseudo-terminal needs POSIX")
    import pty

    def answered(text):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "wxp_lint", "apply"],
            cwd=desk.folder,
            env={**desk.environment, "NO_COLOR": "1"},
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, text)
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # Linux says so when the other side has gone
            pass
        os.close(ours)
        return process.wait(timeout=30), shown.decode()

    code, shown = answered(b"n\n")
    assert (code, "Unassigned -> Acme" in shown, "Nothing was done" in shown) == (0, True, True)
    assert not desk.outbox.exists()

    code, shown = answered(b"y\n")
    assert (code, "2 files ready to upload by hand" in shown) == (0, True)
