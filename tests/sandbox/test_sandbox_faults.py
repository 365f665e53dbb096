"""Every fault, and what is on record after it."""

import httpx
import pytest
from consoles import transfer_file

from wxp_lint.sandbox.faults import FAULTS


@pytest.fixture
def struck(start):
    """Starts a sandbox with faults; what comes back is it, a file of two good rows and a bad one, and the answer."""

    def run(*names):
        running = start(*(part for name in names for part in ("--fault", name)))
        one, two, *_ = running.serials()
        data = transfer_file([one, two, "5CG0000XXX"], running.customers()[0])
        try:
            answer = running.upload(data).status_code
        except httpx.TransportError as error:
            answer = type(error)
        return running, answer

    return run


@pytest.mark.parametrize(
    ("fault", "answer", "events"),
    [
        ("error-before", 503, 0),
        ("error-after", 500, 1),
        ("cut-before", httpx.RemoteProtocolError, 0),
        ("cut-after", httpx.RemoteProtocolError, 1),
    ],
)
def test_faults_on_the_way(struck, fault, answer, events):
    running, got = struck(fault)

    assert got == answer
    assert len(running.events()) == events
    assert running.get("/api/places")
    for one in running.get("/api/uploads")["uploads"]:
        running.done(one["id"])
    assert len(running.serials()) == 20 - 2 * events
    assert "Traceback" not in running.log.read_text()


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        ("summary-errors-only", ["Error"]),
        ("summary-missing-row", ["Moved", "Moved"]),
        ("summary-counts", ["Moved,2", "Error,1"]),
    ],
)
def test_faults_of_the_summary(struck, fault, lines):
    running, answer = struck(fault)
    (upload,) = running.get("/api/uploads")["uploads"]

    assert answer == 202
    summary = running.get(running.done(upload["id"])["summary"]["csv"]).text.splitlines()[1:]
    assert len(summary) == len(lines)
    assert all(word in line for word, line in zip(lines, summary))


def test_a_late_summary_leaves_the_upload_processing_while_the_pcs_are_there(struck):
    running, answer = struck("summary-late")
    (upload,) = running.get("/api/uploads")["uploads"]

    assert answer == 202
    for _ in range(100):
        if len(running.serials()) == 18:
            break
    else:
        pytest.fail("the PCs never move")
    assert running.get(upload["url"])["status"] == "processing"
    assert running.client.get(f"{upload['url']}/summary.csv").status_code == 409


def test_two_faults_strike_together_and_again(struck):
    running, answer = struck("error-after", "summary-counts")

    assert answer == 500
    assert running.upload(transfer_file(running.serials()[:1], running.customers()[1])).status_code == 500
    first, second = running.get("/api/uploads")["uploads"]
    assert "Status,Devices" in running.get(running.done(second["id"])["summary"]["csv"]).text
    assert "Status,Devices" in running.get(running.done(first["id"])["summary"]["csv"]).text


def test_no_fault_is_without_a_test():
    tested = {
        "error-before", "error-after", "cut-before", "cut-after", "summary-errors-only", "summary-missing-row",
        "summary-counts", "summary-late", "slow",
    }  # fmt: skip
    assert set(FAULTS) == tested
