"""docs/sandbox.md: its tables are the program's, and its five minutes are played."""

import os
import re
import shutil
import subprocess
import sys

from consoles import CHECKOUT

from wxp_lint.sandbox.behaviour import SWITCHES
from wxp_lint.sandbox.faults import FAULTS

PAGE = (CHECKOUT / "docs/sandbox.md").read_text("utf-8")
ACME = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def test_every_behaviour_stands_there_with_its_default():
    for switch in SWITCHES:
        told = [f"`{value}`: {words}" for value, words in switch.choices.items()]
        assert f"| `{switch.name}` | {switch.question} | {told[0]} | {'; '.join(told[1:])} |" in PAGE


def test_every_fault_stands_there():
    assert re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|$", PAGE, re.MULTILINE) == list(FAULTS.items())


def test_every_address_of_the_api_stands_there(sandbox):
    told = set(re.findall(r"`(?:GET|POST|PUT) (/api/[^`?]+)", PAGE)) | {"/api/snapshot"}
    told = {path.replace("ID", "{id}").replace("PLACE", "{place}").replace(".csv", ".{format}") for path in told}

    assert told == set(sandbox.client.get("/openapi.json").json()["paths"])


def test_the_five_minutes_lead_where_the_page_says(start, tmp_path):
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1:]
    (tmp_path / "home/Downloads").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/wxp-lint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wxp_lint "$@"\n')
    (tmp_path / "bin/wxp-lint").chmod(0o755)
    (tmp_path / "clone").mkdir()
    shutil.copytree(CHECKOUT / "examples", tmp_path / "clone/examples")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "WXP_LINT_"))}
    who = {f"GIT_{role}_{what}": "jo@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {
        **kept,
        **who,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "WXP_LINT_CACHE_DIR": str(tmp_path / "cache"),
    }
    folder = tmp_path / "clone"
    practice = tmp_path / "practice"

    def play(block, expected=0):
        done = subprocess.run(
            ["sh", "-ec", block], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout + done.stderr

    def by_hand(transfer, place):
        """What a person does in the browser: upload, wait, download."""
        data = (practice / f".wxp-lint/outbox/{transfer}/upload.csv").read_bytes()
        told = sandbox.upload(data, place).json()
        return sandbox.get(sandbox.done(told["id"])["summary"]["csv"])

    def download(answer):
        name = re.search(r'filename="([^"]+)"', answer.headers["content-disposition"])[1]
        (tmp_path / "home/Downloads" / name).write_bytes(answer.content)

    play(blocks[0])
    folder = practice
    sandbox = start("--from", practice, "--state", tmp_path / "sandbox.db")
    assert "did you mean 5CD3237SHD?" in play(blocks[1], expected=1)
    assert "1 transfer ready (2 PCs)" in play(blocks[2])
    assert "t-d4915f93 is yours" in play(blocks[3])
    download(by_hand("t-d4915f93", "unassigned"))
    download(sandbox.get(f"/api/places/{ACME}/export.csv"))
    assert "t-d4915f93: confirmed" in play(blocks[4])
    assert len(sandbox.serials(ACME)) == 27
    assert "t-f312bcb4 is yours" in play(blocks[5])
    download(by_hand("t-f312bcb4", ACME))
    said = play(blocks[6])
    assert "t-d4915f93: reverted" in said, said
    assert "5CD322G5FG: moved to Unassigned by t-f312bcb4" in said
    assert len(blocks) == 7
    assert [event["rows"] for event in sandbox.events()] == [2, 2]
