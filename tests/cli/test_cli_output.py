"""Where reports go: by the place, into files, beside progress and completion."""

import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wxp_lint.cli import progress
from wxp_lint.cli.progress import Progress
from wxp_lint.report import FORMATS

ROOT = Path(__file__).parents[2]
ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = "Serial Number,Customer ID\n"
GOOD = f"{HEADER}5CG8234XMV,{ACME}\n"
BAD = f"{HEADER}5CG0480H,{ACME}\n"  # WXP202, an error
VOWEL = f"{HEADER}5CG1234ABC,{ACME}\n"  # WXP207, a warning
ON_GITHUB = {"GITHUB_ACTIONS": "true"}


@pytest.mark.parametrize(
    ("env", "start", "told"),
    [
        ({}, "error WXP202", "full (default)"),
        (ON_GITHUB, "::error file=a.csv,line=2,col=1,title=WXP202", "github (GITHUB_ACTIONS)"),
        ({"TF_BUILD": "True"}, "##vso[task.logissue type=error;", "azure (TF_BUILD)"),
        ({"GITLAB_CI": "true"}, "error WXP202", "full (GITLAB_CI)"),
        ({"GITHUB_ACTIONS": "false"}, "error WXP202", "full (default)"),
    ],
)
def test_the_place_decides_and_it_is_said(write, cli, env, start, told):
    write({"a.csv": BAD})

    done = cli("check", "a.csv", env=env)

    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(start)
    assert f"\n# output: {told}\n" in cli("check", "--show-settings", env=env).out
    assert cli("check", "a.csv", "--output", "json", env=env).codes == ["WXP202"]


def test_what_was_asked_for_is_said_too(cli):
    said = cli("check", "--show-settings", "-o", "full", "-o", "json=r.json", env=ON_GITHUB).out

    assert "\n# output: full, json=r.json (--output)\n" in said


@pytest.mark.parametrize("name", FORMATS)
def test_the_exit_code_and_the_counts_are_those_of_every_format(write, cli, folder, name):
    write({"a.csv": BAD, "b.csv": VOWEL})

    assert cli("check", "b.csv", "--output", name).code == 0
    done = cli("check", "a.csv", "--output", name, "--statistics")
    count = "      1  error    WXP202 serial-format\n"
    assert (done.code, done.out.endswith(count), done.err) == (1, not FORMATS[name], count if FORMATS[name] else "")
    assert cli("check", "a.csv", "--output", f"{name}=report").code == 1
    assert (folder / "report").read_text("utf-8") + (not FORMATS[name]) * count == done.out


def test_the_job_summary_is_added_to_what_other_steps_say(write, cli, tmp_path):
    write({"a.csv": BAD})
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    env = {**ON_GITHUB, "GITHUB_STEP_SUMMARY": str(summary)}

    cli("check", "a.csv", env=env)

    text = summary.read_text("utf-8")
    assert text.startswith("before\n")
    assert "5CG0480H" in text
    assert len(text) > 50
    cli("check", "a.csv", "--output", "full", env=env)
    assert summary.read_text("utf-8") == text


def test_a_summary_that_cannot_be_written_fails_nothing(write, cli, tmp_path):
    write({"c.csv": GOOD})

    done = cli("check", "c.csv", env={**ON_GITHUB, "GITHUB_STEP_SUMMARY": str(tmp_path)})

    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("no job summary: cannot write GITHUB_STEP_SUMMARY (")


@pytest.mark.parametrize(
    "path",
    [
        *("a.csv", "./a.csv", "sub/../a.csv", "B.XLSX", "a.csv.toml", "wxp-lint.toml", "link.csv"),
        *("wxp-lint-baseline.json", "fleet.parquet", "cmdb.db"),
    ],
)
def test_no_report_is_written_over_what_people_write(write, cli, folder, path):
    write({"a.csv": BAD, "B.XLSX": b"x", "a.csv.toml": "", "wxp-lint.toml": "", "sub/x": ""})
    write({"wxp-lint-baseline.json": "{}", "fleet.parquet": b"x", "cmdb.db": b"x"})
    (folder / "link.csv").symlink_to("nowhere")
    before = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}

    done = cli("check", "a.csv", "--output", f"json={path}")

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"wxp-lint: --output: json would be written over {Path(path)}, which is no report: name another file\n"
    )
    assert {file: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before


def test_no_report_is_written_over_a_checked_file_of_another_name(write, cli, folder):
    write({"list.txt": BAD})
    (folder / "report").symlink_to("list.txt")

    for path in ("list.txt", "report"):
        done = cli("check", "list.txt", "--output", f"json={path}")
        assert done.code == 2, path
        assert f"written over {path}, which is no report" in done.err
    assert (folder / "list.txt").read_text() == BAD


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("config", ["--config", "config"]),
        ("names.txt", ["--config", "config"]),
        ("fleet.txt", ["--config", "config", "--inventory", "fleet.txt"]),
    ],
)
def test_no_report_is_written_over_what_the_run_reads(write, cli, folder, path, arguments):
    write({"config": 'customers = "names.txt"\n', "names.txt": f"customer_id,name\n{ACME},Acme\n"})
    write({"a.csv": GOOD, "fleet.txt": "Serial Number\n5CG8234XMV\n"})
    before = (folder / path).read_bytes()

    done = cli("check", "a.csv", *arguments, "--output", f"json={path}")

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"written over {path}, which is no report: name another file\n")
    assert (folder / path).read_bytes() == before


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        (["json=r", "sarif=./r"], "two reports cannot go to one file, r: give each its own"),
        (["json=r", "sarif=../here/r"], "two reports cannot go to one file, r: give each its own"),
        (["json="], "json= names no file: write json=PATH, or json for standard output"),
    ],
)
def test_outputs_that_cannot_be(write, cli, folder, outputs, told):
    write({"a.csv": BAD})

    done = cli("check", "a.csv", *[word for output in outputs for word in ("--output", output)])

    assert (done.code, done.out, done.err) == (2, "", f"wxp-lint: --output: {told}\n")
    assert [file.name for file in folder.iterdir()] == ["a.csv"]


def test_a_report_replaces_the_last_one_and_leaves_nothing_else(write, cli, folder):
    write({"a.csv": BAD, "report.json": "x" * 100_000})

    cli("check", "a.csv", "--output", "json=report.json")

    assert json.loads((folder / "report.json").read_text("utf-8"))["summary"]["error"] == 1
    assert sorted(file.name for file in folder.iterdir()) == ["a.csv", "report.json"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(progress, "AFTER", 0)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    monkeypatch.setenv("TERM", "xterm")


def test_a_long_run_says_what_it_is_at_and_takes_it_away(at_once):
    stream = Terminal()

    with Progress(stream=stream) as shown:
        for phase in ("reading the files", "running the rules"):
            shown.tell(phase)
            until = time.monotonic() + 20
            while phase not in stream.getvalue() and time.monotonic() < until:
                time.sleep(0.005)

    said = stream.getvalue()
    assert "reading the files" in said
    assert "running the rules" in said
    assert said.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("stream", "quiet", "term"),
    [(io.StringIO, False, "xterm"), (Terminal, True, "xterm"), (Terminal, False, "dumb")],
)
def test_nothing_is_said_to_others_than_a_waiting_person(at_once, monkeypatch, stream, quiet, term):
    monkeypatch.setenv("TERM", term)
    said = stream()

    with Progress(stream=said, quiet=quiet) as shown:
        shown.tell("reading the files")
        time.sleep(0.05)

    assert said.getvalue() == ""


def test_a_short_run_says_nothing(monkeypatch):
    monkeypatch.setattr(progress, "AFTER", 60)
    stream = Terminal()
    start = time.monotonic()

    with Progress(stream=stream) as shown:
        shown.tell("reading the files")

    assert stream.getvalue() == ""
    assert time.monotonic() - start < 30


def test_progress_ends_where_the_run_breaks_off(at_once):
    stream = Terminal()

    def broken():
        with Progress(stream=stream):
            time.sleep(0.05)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()

    assert stream.getvalue().endswith("\x1b[K")


@pytest.fixture
def offered(cli):
    """What bash is offered after these words, the last of which is being typed."""

    def complete(*words):
        env = {
            "_WXP_LINT_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["wxp-lint", *words]),
            "COMP_CWORD": str(len(words)),
        }
        done = cli(env=env)
        assert done.err == ""
        return done.out.split("\n")[:-1] if done.out.endswith("\n") else done.out.split("\n")

    return complete


def test_a_shell_is_offered_commands_formats_and_rules(offered):
    assert offered("che") == ["check"]
    assert offered("check", "--output", "js") == ["json", "jsonl"]
    assert offered("check", "--show-s") == ["--show-settings"]
    assert offered("explain", "WXP40") == ["WXP401", "WXP402", "WXP403", "WXP404"]
    assert offered("explain", "duplicate-s") == ["duplicate-serial"]
    assert offered("check", "--select", "wxp401,WXP80") == [f"wxp401,WXP80{n}" for n in range(1, 5)]
    assert offered("fix", "--ignore", "serial-v") == ["serial-vowel"]


def test_a_broken_config_does_not_break_completion(write, offered):
    write({"wxp-lint.toml": "nonsense = true\n"})

    assert offered("explain", "WXP401") == ["WXP401"]


def test_bash_takes_the_script_that_is_shown(cli):
    done = cli("--show-completion", "bash", env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})

    bash = ["bash", "-c", 'eval "$0"; complete -p wxp-lint', done.out]
    taken = subprocess.run(bash, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"complete .*-F _wxp_lint_completion wxp-lint\n", taken.stdout)


def matched(line):
    """What the matchers of docs/editor.md make of a line, the first that takes it."""
    page = (ROOT / "docs/editor.md").read_text("utf-8")
    (task,) = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])["tasks"]
    for matcher in task["problemMatcher"]:
        pattern = matcher["pattern"]
        if found := re.match(pattern["regexp"], line):
            return {name: found[group] for name, group in pattern.items() if isinstance(group, int)}
    return None


def test_the_problem_matchers_read_what_concise_writes(write, cli):
    from openpyxl import Workbook

    rows = f"5CG0480H,{ACME}\n,{ACME}\n"
    write({"transfers/a b.csv": HEADER + rows, "transfers/empty.csv": HEADER, "wxp-lint-ignore.toml": "[[ignore]]\n"})
    book = Workbook()
    for row in (HEADER.strip(), f"5CG0480J,{ACME}"):
        book.active.append(row.split(","))
    data = io.BytesIO()
    book.save(data)
    write({"transfers/b.xlsx": data.getvalue()})

    lines = cli("check", "--output", "concise").out.splitlines()
    found = {(m["file"], m.get("line"), m.get("column"), m["code"]) for m in map(matched, lines) if m}

    assert ("transfers/a b.csv", "2", "1", "WXP202") in found
    assert ("transfers/b.xlsx", "2", None, "WXP202") in found
    assert ("transfers/empty.csv", None, None, "WXP108") in found
    told = [line for line in lines if re.search(r": (error|warning|note) WXP", line)]
    assert [line for line in told if not matched(line)] == [line for line in told if line.startswith("(repository)")]
    assert not any(map(matched, set(lines) - set(told)))
    assert matched("a.csv:3:1: error WXP202 '5CG: 3:1: note WXP1' is") == {
        "file": "a.csv",
        "line": "3",
        "column": "1",
        "severity": "error",
        "code": "WXP202",
        "message": "'5CG: 3:1: note WXP1' is",
    }


def test_every_format_is_told(cli):
    page = (ROOT / "docs/formats.md").read_text("utf-8")
    help_text = " ".join(cli("check", "--help", env={"COLUMNS": "200"}).out.split())

    assert re.findall(r"^- `(\w+)`: ", page, re.MULTILINE) == sorted(
        FORMATS, key=lambda name: page.index(f"- `{name}`: ")
    )
    assert f"{', '.join(FORMATS)}; with =PATH" in help_text


def test_a_short_check_before_a_terminal_writes_no_progress(write, environment, folder):
    write({"a.csv": GOOD})
    reader, writer = pty.openpty()
    with os.fdopen(reader, "rb", 0) as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "wxp_lint", "check", "a.csv"],
            cwd=folder,
            env={**environment, "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=writer,
            timeout=60,
        )
        os.write(writer, b"end\n")
        os.close(writer)
        assert terminal.read(1000) == b"end\r\n"
    assert done.returncode == 0
