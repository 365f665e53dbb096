"""`wxp-lint fix` as a person or a hook calls it: what is written, what is shown, how it exits."""

import io
import os
import pty
import stat
import subprocess
import sys

import openpyxl
import pytest

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
BAD = f"{HEADER} 5cg8234xmv,{ACME}\n5CG02382XZ,{ACME}\n\nS5CD9123KLM,{ACME}\n"
SAFE = f"{HEADER}5CG8234XMV,{ACME}\n5CG02382XZ,{ACME}\nS5CD9123KLM,{ACME}\n"
ALL = SAFE.replace("S5CD", "5CD")
PATCH = f"""\
--- a/a.csv
+++ b/a.csv
@@ -1,5 +1,4 @@
 Serial Number,Customer ID
- 5cg8234xmv,{ACME}
+5CG8234XMV,{ACME}
 5CG02382XZ,{ACME}
-
 S5CD9123KLM,{ACME}
"""


def test_what_was_done_and_what_is_left(write, cli, folder):
    write({"a.csv": BAD, "b.csv": ALL.replace("5C", "6C")})

    done = cli("fix", "a.csv", "b.csv")

    assert done.code == 0
    assert (folder / "a.csv").read_text() == SAFE
    lines = done.out.splitlines()
    assert lines[0] == "fixed 3 of 4 findings in a.csv"
    assert lines[1].startswith("a.csv:4:1: error WXP210 'S5CD9123KLM' is a serial number")
    assert lines[2] == "2 files, 6 devices: 1 error, 0 warnings, 0 notes"
    assert lines[-1] == "1 more can be fixed with --unsafe-fixes: look at the result then"
    assert cli("check", "a.csv", "--output", "concise").out in done.out.replace("2 files, 6", "1 file, 3")


def test_a_second_run_finds_nothing(write, cli, folder):
    write({"a.csv": SAFE, "b.csv": ALL})

    done = cli("fix", "a.csv")
    assert (done.code, done.out.splitlines()[0]) == (0, "nothing to fix without --unsafe-fixes")
    done = cli("fix", "b.csv")
    assert (done.code, done.out.splitlines()[0]) == (0, "nothing to fix")
    assert (folder / "a.csv").read_text() == SAFE


def test_the_rules_of_another_branch(write, cli, git, folder):
    git("init", "--quiet")
    write({"wxp-lint.toml": ""})
    git("add", "--all")
    git("commit", "--quiet", "--message", "Begin")
    write({"transfers/a.csv": BAD, "wxp-lint.toml": "nonsense = 1\n"})

    assert cli("fix", "transfers").code == 2
    done = cli("fix", "--config-from", "main", "transfers")

    assert (done.code, (folder / "transfers/a.csv").read_text()) == (0, SAFE)
    assert cli("fix", "--config-from", "nowhere").code == 2


def test_unsafe_fixes(write, cli, folder):
    write({"a.csv": BAD})

    done = cli("fix", "--unsafe-fixes", "a.csv")

    assert (done.code, (folder / "a.csv").read_text()) == (0, ALL)
    assert "fixed 4 of 4 findings in a.csv" in done.out


@pytest.mark.parametrize(
    ("options", "after"),
    [
        (["--select", "WXP204"], BAD.replace("5cg8234xmv", "5CG8234XMV")),
        (["--ignore", "serial-lowercase,WXP109"], BAD.replace(" 5cg8", "5cg8")),
        (["--config", "own.toml"], SAFE.replace("5CG8234XMV", "5cg8234xmv")),
    ],
)
def test_the_options_of_check(write, cli, folder, options, after):
    write({"a.csv": BAD, "own.toml": 'ignore = ["WXP204"]\n'})

    assert cli("fix", "a.csv", *options).code == 0
    assert (folder / "a.csv").read_text() == after


def test_a_diff_shows_and_writes_nothing(write, cli, folder):
    write({"a.csv": BAD})

    done = cli("fix", "--diff", "a.csv")

    assert (done.code, done.out) == (1, PATCH)
    assert done.err == "would fix 3 of 4 findings in a.csv\n"
    assert (folder / "a.csv").read_text() == BAD
    done = cli("fix", "--diff", "--select", "WXP401", "a.csv")
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    "content",
    [
        BAD,
        BAD.removesuffix("\n"),
        BAD.replace("\n", "\r\n"),
        "\ufeff" + BAD,
        BAD.replace(",", ";"),
        BAD.replace(f"XZ,{ACME}", f'XZ,"{ACME}\u00a0"'),
        f"Title\n\n{BAD}",
        BAD[len(HEADER) :],
        HEADER + "".join(f"{'5cg' if n % 9 else '5CG'}8234{n:03},{ACME}\n" for n in range(60)),
    ],
    ids=["plain", "no newline", "crlf", "bom", "semicolons", "blanks", "preamble", "no header", "many"],
)
def test_git_makes_of_the_diff_what_fix_writes(write, cli, git, folder, content):
    write({"transfers/a.csv": content})
    git("init")

    patch = cli("fix", "--diff", "--unsafe-fixes", "transfers/a.csv").out
    assert cli("fix", "--unsafe-fixes", "transfers/a.csv").code == 0
    fixed = (folder / "transfers/a.csv").read_bytes()
    assert fixed != content.encode()

    write({"transfers/a.csv": content, "it.patch": patch.encode()})
    git("apply", "it.patch")
    assert (folder / "transfers/a.csv").read_bytes() == fixed


def test_a_change_of_encoding_is_told(write, cli):
    write({"a.csv": f"{HEADER}5CG8234XMV,{ACME}\n".encode("utf-16")})

    out = cli("fix", "--diff", "a.csv").out

    assert out.startswith("old encoding UTF-16\nnew encoding UTF-8\n--- a/a.csv\n")
    assert f"-5CG8234XMV,{ACME}\n" in out
    assert f"+5CG8234XMV,{ACME}\n" in out


def test_a_workbook_is_compared_cell_by_cell(write, cli, folder):
    book = openpyxl.Workbook()
    book.active.title = "Devices"
    for row in (["Serial Number", "Customer ID"], [" 5cg8234xmv", ACME], ["5CG02382XZ", f"{ACME}\u00a0"]):
        book.active.append(row)
    memory = io.BytesIO()
    book.save(memory)
    write({"a.xlsx": memory.getvalue()})

    done = cli("fix", "--diff", "a.xlsx")
    assert (done.code, done.out.splitlines()) == (
        1,
        [
            "a.xlsx (sheet Devices)",
            "A2: ' 5cg8234xmv' -> '5CG8234XMV'",
            f"B3: '{ACME}\\u00a0' -> '{ACME}'",
        ],
    )
    assert (folder / "a.xlsx").read_bytes() == memory.getvalue()

    assert "fixed 3 of 3 findings in a.xlsx" in cli("fix", "a.xlsx").out
    sheet = openpyxl.load_workbook(folder / "a.xlsx").active
    assert [cell.value for cell in (sheet["A2"], sheet["B3"])] == ["5CG8234XMV", ACME]


def test_a_company_pin_is_never_shown(write, cli, folder):
    write({"a.csv": f"{HEADER}5CG8234XMV,{ACME}\n5cg02382xz, xK7pQ2mZ\n", "b.csv": f"{HEADER}5cg8234xmv,xK7pQ2mZ"})

    shown = cli("fix", "--diff", "a.csv", "b.csv")
    done = cli("fix", "a.csv", "b.csv")

    assert "-5cg02382xz, ********\n+5CG02382XZ, ********\n" in shown.out
    assert "xK7pQ2mZ" not in shown.out + shown.err + done.out + done.err
    assert "xK7pQ2mZ" in (folder / "a.csv").read_text()


def test_a_company_pin_in_the_wrong_column_is_not_shown_in_capitals(write, cli):
    write({"a.csv": f"{HEADER}5CG8234XMV,xK7pQ2mZ\nxK7pQ2mZ,{ACME}\n"})

    shown = cli("fix", "--diff", "a.csv")
    done = cli("fix", "a.csv")

    assert f"-********,{ACME}\n+********,{ACME}\n" in shown.out
    assert "xk7pq2mz" not in (shown.out + shown.err + done.out + done.err).casefold()


def test_nothing_in_a_diff_commands_a_terminal(write, cli):
    write({"a.csv": f"{HEADER}5cg8234xmv,{ACME},\x1b]0;x\x07\u202e\n"})

    out = cli("fix", "--diff", "a.csv").out

    assert "5CG8234XMV" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "\\u001b]0;x\\u0007\\u202e" in out


def test_a_person_sees_what_shows_nothing(write, folder, environment):
    write({"a.csv": f"{HEADER}5CG8234XMV\u200b,{ACME}\n"})
    ours, theirs = pty.openpty()

    process = subprocess.Popen(
        [sys.executable, "-m", "wxp_lint", "fix", "--diff", "a.csv"],
        cwd=folder,
        env={**environment, "TERM": "xterm"},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = b""
        try:
            while part := terminal.read1():
                shown += part
        except OSError:  # how Linux says that the other side has closed it
            pass
    assert process.wait(timeout=60) == 1
    assert b"\x1b[31;1m-5CG8234XMV\\u200b," in shown


def test_modes_stay_and_what_cannot_be_written_is_told(write, cli, folder):
    write({"a.csv": BAD, "b.csv": BAD.replace("5C", "6C").replace("5c", "6c")})
    (folder / "a.csv").chmod(0o444)
    (folder / "b.csv").chmod(0o660)

    done = cli("fix", "a.csv", "b.csv")

    assert done.code == 2
    assert done.err == "wxp-lint: a.csv: it is read-only: make it writable and run this again\n"
    assert (folder / "a.csv").read_text() == BAD
    assert "fixed 3 of 4 findings in b.csv" in done.out
    assert stat.S_IMODE((folder / "b.csv").stat().st_mode) == 0o660


@pytest.mark.parametrize("name", ["transfers/link.csv", "transfers/in/a.csv"])
def test_what_lies_outside_of_the_repository_is_left_alone(write, cli, git, folder, tmp_path, name):
    git("init")
    (tmp_path / "a.csv").write_text(BAD)
    (folder / "transfers").mkdir()
    (folder / "transfers/link.csv").symlink_to(tmp_path / "a.csv")
    (folder / "transfers/in").symlink_to(tmp_path)

    cli("fix", name)

    assert (tmp_path / "a.csv").read_text() == BAD


def test_the_files_that_are_meant(write, cli, git, folder):
    write({"transfers/acme/a.csv": BAD, "transfers/acme/done/b.csv": BAD, "prices.csv": BAD})
    git("init")
    git("add", "--all")

    done = cli("fix", "--force-exclude", "prices.csv", "transfers/acme/done/b.csv")
    assert (done.code, "0 of 2 files match" in done.err) == (0, True)

    assert "fixed 3 of 4 findings in transfers/acme/a.csv" in cli("fix").out
    assert (folder / "transfers/acme/a.csv").read_text() == SAFE
    assert (folder / "transfers/acme/done/b.csv").read_text() == BAD
    assert (folder / "prices.csv").read_text() == BAD


def test_a_name_in_no_encoding(cli, folder):
    name = os.fsdecode(b"\xff a.csv")
    (folder / name).write_text(BAD)

    done = cli("fix", name)

    assert done.code == 0
    assert (folder / name).read_text() == SAFE


def test_what_cannot_be_done_is_told_with_its_reason(write, cli):
    write({"a.csv": f'Serial Number;Customer ID\n5CG8234XMV;{ACME}\n"5CG02382XZ;{ACME}\n'})

    done = cli("fix", "a.csv")

    assert "not fixed: a.csv: WXP104 wrong-delimiter: line 3 has a quote that is never closed" in done.err


@pytest.mark.parametrize("content", [b"", b"\0", b"PK\x03\x04", b'"', b"\xff\xfea", b"\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_hostile_files_end_in_no_traceback(write, cli, folder, name, content):
    write({name: content})

    done = cli("fix", "--unsafe-fixes", name)

    assert done.code == 0
    assert "Traceback" not in done.err
    assert (folder / name).read_bytes() == content
