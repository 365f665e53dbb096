"""The http submitter beside other runners: claims, leases, and runs that sleep through theirs."""

import os
import signal
import time

import pytest
from desks import ACME, CONTOSO, sheet
from remotes import A, B

ELSEWHERE = {"host": "elsewhere", "boot": "", "space": "", "pid": 1, "started": None}


def _claim(desk, lease, runner):
    planned = desk.desk.planned()[A]
    data = {"path": A, "digest": planned.digest, "sheet": planned.sheet, "serials": list(planned.serials)}
    target = {"name": "Acme", "customer_id": ACME}
    data |= {"target": target, "source": {"name": "Unassigned", "customer_id": None}, "upload": "0"}
    held = {"holder": "kim", "lease": lease, "runner": runner}
    desk.tell(("claimed", planned.id, {**data, **held}))
    return planned.id, held


@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_what_somebody_else_is_at_work_on_is_left_to_them(sandboxes, http_desk, state):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    name, held = _claim(desk, "2999-01-01T00:00:00+00:00", ELSEWHERE)
    if state == "sending":
        desk.tell(("sending", name, held))

    code, out = desk.apply()

    assert (code, sandbox.uploads(), desk.states()) == (7, [], [state])
    assert f"{name}: somebody else is at work on it (kim)" in out


@pytest.mark.parametrize(("state", "code", "after"), [("claimed", 0, "confirmed"), ("sending", 6, "in_doubt")])
def test_a_lease_that_is_over_is_nobodys(sandboxes, http_desk, state, code, after):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    name, held = _claim(desk, "2020-01-01T00:00:00+00:00", ELSEWHERE)
    if state == "sending":
        desk.tell(("sending", name, held))

    assert desk.apply()[0] == code
    assert [(one.id, one.state) for one in desk.known().values()] == [(name, after)]
    assert len(sandbox.uploads()) == (state == "claimed")


# A run that stops itself (SIGSTOP) at one place, once, and goes on when it is told to.
ASLEEP = """
import os, signal, sys
from importlib import import_module
stopped = []
def stop(name):
    if name == os.environ["STOP_AT"] and not stopped:
        stopped.append(name)
        os.kill(os.getpid(), signal.SIGSTOP)
for name in ("sending", "submit.http"):
    import_module("wxp_lint.transfer." + name).failpoint = stop
from wxp_lint.__main__ import main
main()
"""


def _asleep(desk, name):
    run = desk.start(program=("-c", ASLEEP), env={"STOP_AT": name})
    _, status = os.waitpid(run.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    return run


def _woken(run):
    os.kill(run.pid, signal.SIGCONT)
    out, _ = run.communicate(timeout=30)
    return run.returncode, out


def test_who_wakes_after_the_lease_does_not_begin(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    short_lease(desk)
    run = _asleep(desk, "http-after-claim")
    assert desk.apply()[0] == 7  # alive, and its lease runs
    time.sleep(1.1)

    assert desk.apply()[0] == 0
    code, out = _woken(run)

    assert code == 8, out
    assert "the claim ended before anything was sent" in out
    assert desk.states() == ["confirmed"]
    assert len(sandbox.uploads()) == 1


def test_who_wakes_after_the_lease_sends_nothing_more(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    short_lease(desk)
    run = _asleep(desk, "http-after-sending")
    time.sleep(1.1)

    assert desk.apply()[0] == 6
    assert desk.states() == ["in_doubt"]
    code, out = _woken(run)

    assert code == 8, out
    assert desk.states() == ["failed"]  # it knows that nothing was sent, and says so
    assert desk.apply()[0] == 0
    assert len(sandbox.uploads()) == 1


def test_who_is_stopped_right_before_the_request_still_sends_once(sandboxes, http_desk):
    """The one window that no compare-and-swap closes: nobody else sends meanwhile."""
    sandbox = sandboxes()
    desk = http_desk(sandbox.url)
    short_lease(desk)
    run = _asleep(desk, "http-before-request")
    time.sleep(1.1)

    assert desk.apply()[0] == 6
    assert desk.apply()[0] == 6
    assert (desk.states(), sandbox.uploads()) == (["in_doubt"], [])
    code, out = _woken(run)

    assert code == 0, out
    assert desk.states() == ["confirmed"]  # what came of it is told all the same
    assert len(sandbox.uploads()) == 1
    assert desk.apply()[0] == 0


def short_lease(desk):
    text = (desk.folder / "wxp-lint.toml").read_text()
    desk.desk.commit({"wxp-lint.toml": text.replace("lease = 5", "lease = 1")})


def test_a_request_may_last_longer_than_the_lease(sandboxes, http_desk):
    sandbox = sandboxes("slow")
    desk = http_desk(sandbox.url)
    text = (desk.folder / "wxp-lint.toml").read_text()
    desk.desk.commit({"wxp-lint.toml": text.replace("lease = 5", "lease = 0.6").replace("timeout = 1", "timeout = 9")})
    run = desk.start()
    deadline = time.monotonic() + 20
    while not sandbox.uploads():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.8)

    assert desk.apply()[0] == 7
    out, _ = run.communicate(timeout=30)

    assert run.returncode == 0, out
    assert desk.states() == ["confirmed"]
    assert 2 <= desk.kinds().count("sending") <= 14  # a third of the lease, twice each


def test_runners_at_once_send_each_file_once(sandboxes, http_desk):
    sandbox = sandboxes()
    desk = http_desk(sandbox.url, files={A: sheet(1, 2, 3), B: sheet(20, 21, to=CONTOSO)})

    runs = [desk.start() for _ in range(4)]
    told = [run.communicate(timeout=60)[0] for run in runs]
    codes = [run.returncode for run in runs]

    assert set(codes) <= {0, 7, 8}, told
    assert len(sandbox.uploads()) == 2
    assert desk.apply()[0] == 0
    assert desk.states() == ["confirmed", "confirmed"]
    assert desk.kinds().count("submitted") == 2
