"""The http submitter, against a real sandbox: one upload for each attempt, and no outcome that is not told."""

import itertools
import json
import signal
import socket
import threading
import time
from contextlib import suppress

import pytest
from desks import ACME, CONTOSO, serial, sheet
from gateways import TOKEN
from remotes import A, B
from typer.testing import CliRunner

from wxp_lint.cli import app
from wxp_lint.transfer.failpoint import HTTP_FAILPOINTS


def test_a_file_is_sent_once_and_confirmed_by_the_summary(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)

    code, out = desk.apply()

    assert code == 0, out
    assert out.startswith(f"1 file sent to {sandbox.url.removeprefix('http://')}.\n")
    assert "confirmed: 3 PCs, Unassigned -> Acme" in out
    assert desk.kinds() == ["claimed", "sending", "submitted", "confirmed"]
    (upload,) = sandbox.uploads()
    (one,) = desk.known().values()
    assert (upload["place"], upload["target"], upload["serials"]) == (
        "unassigned",
        ACME,
        [serial(n) for n in (1, 2, 3)],
    )
    assert upload["sha256"] == one.upload
    assert one.reference == sandbox.ask("/api/uploads")["uploads"][0]["id"]
    assert set(one.outcome.values()) == {"moved"}
    assert desk.apply() == (0, f"Nothing was sent to {sandbox.url.removeprefix('http://')}.\n")
    assert len(sandbox.uploads()) == 1


def test_a_move_out_of_a_customer_is_sent_from_there(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url, files={B: sheet(20, 21, to=CONTOSO)})

    assert desk.apply()[0] == 0

    assert [(one["place"], one["target"]) for one in sandbox.uploads()] == [(ACME, CONTOSO)]
    assert desk.states() == ["confirmed"]


@pytest.mark.parametrize("trust", ["unknown", "counts", "errors"])
def test_a_summary_counts_as_far_as_the_config_trusts_it(sandboxes, http_desk, trust):
    desk = http_desk(sandboxes().url, trust=trust)

    code, out = desk.apply()

    assert (code, desk.states()) == (0, ["reported"])
    assert "3 not known yet" in out
    assert "wxp-lint reconcile EXPORT" in out
    assert desk.apply()[0] == 0
    assert desk.kinds().count("reported") == 1


def test_pcs_that_the_remote_does_not_move_are_named(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    sandbox.upload(sheet(1, to=CONTOSO).encode())  # by hand, at night
    time.sleep(0.6)

    code, out = desk.apply()

    assert code == 4, out
    assert "partly failed: 3 PCs, Unassigned -> Acme" in out
    assert "2 moved, 1 failed" in out
    assert f"not moved: {serial(1)}\n" in out
    assert desk.states() == ["partly_failed"]
    assert desk.apply()[0] == 0


@pytest.mark.parametrize(
    ("fault", "uploads", "code", "states"),
    [
        ("slow", 1, 6, ["in_doubt"]),
        ("error-before", 0, 6, ["in_doubt"]),
        ("error-after", 1, 6, ["in_doubt"]),
        ("cut-before", 0, 6, ["in_doubt"]),
        ("cut-after", 1, 6, ["in_doubt"]),
        ("summary-late", 1, 0, ["submitted"]),
        ("summary-errors-only", 1, 0, ["reported"]),
        ("summary-counts", 1, 0, ["reported"]),
        ("summary-missing-row", 1, 0, ["reported"]),
    ],
)
def test_faults(sandboxes, http_desk, fault, uploads, code, states):
    sandbox = sandboxes(fault)
    desk = http_desk(sandbox.url, "wait = 1")

    done, out = desk.apply()

    assert (done, desk.states(), len(sandbox.uploads())) == (code, states, uploads), out
    (name,) = desk.known()
    assert name in out
    if code == 6:
        assert f"wxp-lint resolve {name}" in out
    again, out = desk.apply()
    assert (again, len(sandbox.uploads())) == (code, uploads)
    assert (name in out) == (states != ["reported"])


def test_an_outcome_that_comes_late_is_asked_for_by_the_next_run(sandboxes, http_desk):
    sandbox = sandboxes("summary-late")
    desk = http_desk(sandbox.url, "wait = 0")
    assert desk.apply()[0] == 0
    assert desk.states() == ["submitted"]
    desk.config(sandbox.url, "wait = 20")

    code, out = desk.apply()

    assert (code, desk.states()) == (0, ["confirmed"])
    assert out.startswith("Nothing was sent")
    assert len(sandbox.uploads()) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 408, 409, 413, 422, 429])
def test_a_request_that_is_refused_moved_nothing(stub, http_desk, status):
    said = json.dumps({"error": f"no, \x1b[31m says {TOKEN}", "mend": "ask\n::error::it"}).encode()
    remote = stub(status, said)
    desk = http_desk(remote.url)

    code, out = desk.apply()

    assert (code, desk.states(), len(remote.requests)) == (4, ["failed"], 1)
    assert f"answered {status} (no, " in out
    assert "\x1b" not in out
    assert "\n::error::" not in out
    desk.apply()
    assert list(desk.known())[1] == f"{next(iter(desk.known()))}-2"  # the next attempt has an id of its own


def test_a_wrong_token_is_told_by_a_real_remote(sandboxes, http_desk, monkeypatch):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    monkeypatch.setenv("WXP_LINT_HTTP_TOKEN", "another")

    code, out = desk.apply()

    assert (code, desk.states(), sandbox.uploads()) == (4, ["failed"], [])
    assert "answered 401 (the token is missing or wrong" in out
    assert "another" not in out
    monkeypatch.setenv("WXP_LINT_HTTP_TOKEN", TOKEN)
    assert desk.apply()[0] == 0
    assert desk.states() == ["failed", "confirmed"]


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (500, b"", ()),
        (503, b'{"error": "later"}', ()),
        (200, b"<html>sign in</html>", ()),
        (202, b'{"id": 7}', ()),
        (202, b'{"id": ""}', ()),
        (202, b'{"id": "u-1", "sha256": "0"}', ()),
        (202, b"[" * 100_000, ()),
        (303, b"", (("Location", "/elsewhere"),)),
        (307, b"", (("Location", "/elsewhere"),)),
        (204, b"", ()),
    ],
)
def test_an_answer_that_does_not_say_what_was_done_is_in_doubt(stub, http_desk, status, body, headers):
    remote = stub(status, body, headers)
    desk = http_desk(remote.url)

    code, out = desk.apply()

    assert (code, desk.states()) == (6, ["in_doubt"]), out
    assert f"answered {status}" in out
    assert desk.apply()[0] == 6
    assert [path.partition("?")[0] for path, _, _ in remote.requests] == ["/api/uploads"]


def test_what_is_sent(stub, http_desk):
    remote = stub(202, b'{"id": "../u 1"}')
    desk = http_desk(f"{remote.url}/behind/", "wait = 0")

    assert desk.apply()[0] == 0

    (path, headers, data), (asked, _, _) = remote.requests
    (one,) = desk.known().values()
    assert path == f"/behind/api/uploads?place=unassigned&name={one.id}.csv"
    assert data == sheet(1, 2, 3).encode()
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Type"] == "text/csv"
    assert headers["Idempotency-Key"] == f"{desk.log().id}/{one.id}"
    assert asked == "/behind/api/uploads/..%2Fu%201"  # a name is never a way


def test_nothing_is_sent_where_nobody_listens_and_the_next_run_does_it(sandboxes, http_desk):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        desk = http_desk(f"http://127.0.0.1:{closed.getsockname()[1]}")
        code, out = desk.apply()

    assert code == 8, out
    assert "nothing was sent: no connection to 127.0.0.1" in out
    assert "(connection refused)" in out
    assert desk.states() == ["failed"]
    sandbox = sandboxes()
    desk.config(sandbox.url)
    code, out = desk.apply()
    assert (code, len(sandbox.uploads())) == (0, 1), out
    assert desk.states() == ["failed", "confirmed"]


def test_a_name_that_is_none_and_a_port_without_tls(stub, http_desk):
    desk = http_desk("https://no-such-host.invalid")
    assert desk.apply()[0] == 8
    remote = stub(200)
    desk.config(remote.url.replace("http://", "https://"))
    assert desk.apply()[0] == 8
    assert remote.requests == []
    assert desk.states() == ["failed", "failed"]


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        ("http://gateway.example.org", TOKEN, "use https://"),
        ("https://kim:pass@gateway.example.org", TOKEN, "may hold no user"),
        ("https://gateway.example.org/?key=1", TOKEN, "may hold no user"),
        ("https://gateway.example.org", "", "WXP_LINT_HTTP_TOKEN"),
        ("https://gateway.example.org", "two words", "holds blanks"),
    ],
)
def test_what_is_not_safe_is_refused(http_desk, monkeypatch, url, token, words):
    desk = http_desk(url)
    monkeypatch.setenv("WXP_LINT_HTTP_TOKEN", token)

    done = CliRunner().invoke(app, ["apply", "--yes"])

    assert words in str(done.exception)
    assert not token or token not in str(done.exception)
    assert desk.log() is None


def test_one_that_is_in_doubt_holds_up_no_other(sandboxes, http_desk):
    sandbox = sandboxes("cut-after")
    desk = http_desk(sandbox.url, files={A: sheet(1, 2, 3), B: sheet(20, 21, to=CONTOSO)})

    code, out = desk.apply()

    assert code == 6
    assert desk.states() == ["in_doubt", "in_doubt"]
    assert len(sandbox.uploads()) == 2
    assert all(name in out for name in desk.known())


@pytest.mark.parametrize("name", HTTP_FAILPOINTS)
def test_a_run_that_is_killed_uploads_at_most_once(sandboxes, http_desk, name):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    killed = desk.start(env={"WXP_LINT_FAILPOINT": name})
    killed.communicate(timeout=30)
    assert killed.returncode == -signal.SIGKILL

    code, out = desk.apply()  # at once: the process is gone, so nobody waits for its lease

    assert len(sandbox.uploads()) <= 1
    (one,) = desk.known().values()
    before_sending = name in ("http-before-claim", "http-after-claim")
    unknown = (
        HTTP_FAILPOINTS.index("http-after-sending")
        <= HTTP_FAILPOINTS.index(name)
        < HTTP_FAILPOINTS.index("http-after-record")
    )
    assert (code, one.state) == ((6, "in_doubt") if unknown else (0, "confirmed")), out
    if unknown:
        assert "ended without a word" in out
        assert desk.apply()[0] == 6
    if before_sending:
        assert len(sandbox.uploads()) == 1
    assert len(sandbox.uploads()) == (name not in HTTP_FAILPOINTS[2:5])


def test_a_remote_that_drips_is_not_waited_for_for_ever(http_desk):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                for letter in itertools.chain(b"HTTP/1.1 202 OK\r\nX: ", itertools.repeat(97)):
                    connection.sendall(bytes([letter]))
                    time.sleep(0.03)

        threading.Thread(target=drip, daemon=True).start()
        desk = http_desk(f"http://127.0.0.1:{server.getsockname()[1]}")
        text = (desk.folder / "wxp-lint.toml").read_text()
        desk.desk.commit({"wxp-lint.toml": text.replace("timeout = 1", "timeout = 0.1")})
        code, out = desk.apply()

    assert (code, desk.states()) == (6, ["in_doubt"])
    assert "no whole answer within" in out


def test_what_was_prepared_for_a_person_is_not_sent(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    name = desk.desk.prepare(A)

    code, out = desk.apply()

    assert (code, sandbox.uploads(), desk.states()) == (0, [], ["prepared"])
    assert f"{name}: prepared for a person" in out


def test_a_saved_plan_sends_what_it_says(sandboxes, http_desk, tmp_path):
    sandbox = sandboxes()
    http_desk(sandbox.url)
    plan = str(tmp_path / "plan.json")
    assert CliRunner().invoke(app, ["plan", "--save", plan]).exit_code == 0

    done = CliRunner().invoke(app, ["apply", "--plan", plan])

    assert done.exit_code == 0, done.output
    assert len(sandbox.uploads()) == 1
    assert CliRunner().invoke(app, ["apply", "--plan", plan]).exit_code != 0
    assert len(sandbox.uploads()) == 1
