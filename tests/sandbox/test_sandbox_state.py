import sqlite3

import pytest

from wxp_lint.errors import UsageError
from wxp_lint.sandbox.behaviour import DEFAULTS
from wxp_lint.sandbox.console import PROCESSING, Console
from wxp_lint.sandbox.faults import LATE
from wxp_lint.sandbox.state import State
from wxp_lint.sandbox.world import invent


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


def first():
    return invent(1, 2, 10)


def console(path=None, clock=None, behaviour=DEFAULTS, faults=()):
    state = State(path, first)
    return Console(state, behaviour, frozenset(faults), clock or Clock()), state


def upload(desk, count=1):
    unassigned, target, _ = desk.world.places
    serials = [device.serial for device in desk.world.at(unassigned)][:count]
    data = ("Serial Number,Customer ID\n" + "".join(f"{one},{target.customer_id}\n" for one in serials)).encode()
    return desk.accept(unassigned, "a.csv", data, desk.read(data)), serials


def test_nothing_moves_before_it_has_been_processed():
    clock = Clock()
    desk, _ = console(clock=clock)
    one, serials = upload(desk)

    clock.now += PROCESSING - 0.01
    assert desk.world == first()
    assert not desk.report(one.id).ready

    clock.now += 0.02
    assert serials[0] in {device.serial for device in desk.world.at(desk.world.places[1])}
    assert desk.report(one.id).ready


def test_what_was_accepted_is_there_again(tmp_path):
    path = tmp_path / "deep/er/state"
    clock = Clock()
    desk, state = console(path, clock)
    one, _ = upload(desk, 2)
    events = desk.events()
    state.close()

    clock.now += 1
    again, state = console(path, clock)
    assert state.was_there
    assert again.events() == events
    assert again.report(one.id).outcome.moved == 2
    state.close()


def test_uploads_keep_the_behaviour_that_they_were_accepted_with(tmp_path):
    clock = Clock()
    desk, state = console(tmp_path / "state", clock, {**DEFAULTS, "summary": "counts"})
    one, _ = upload(desk)
    state.close()

    clock.now += 1
    again, state = console(tmp_path / "state", clock)
    assert again.summary(again.report(one.id), "csv") == b"Status,Devices\nMoved,1\nError,0\n"
    state.close()


def test_a_clock_that_is_set_back_leaves_nothing_waiting():
    clock = Clock()
    desk, _ = console(clock=clock)
    one, _ = upload(desk)

    clock.now -= 3600
    assert desk.report(one.id).ready


def test_a_late_summary_comes_after_the_move():
    clock = Clock()
    desk, _ = console(clock=clock, faults=["summary-late"])
    one, serials = upload(desk)

    clock.now += PROCESSING + 0.01
    assert desk.world.devices[serials[0]].place == desk.world.places[1].key
    assert not desk.report(one.id).ready
    clock.now += LATE
    assert desk.report(one.id).ready


def test_a_reset_forgets_uploads_and_a_restored_world_is_the_new_beginning(tmp_path):
    clock = Clock()
    desk, state = console(tmp_path / "state", clock)
    upload(desk)
    clock.now += 1
    moved = desk.world
    desk.restart()
    assert (desk.world, desk.events()) == (first(), [])

    desk.restart(moved)
    state.close()
    again, state = console(tmp_path / "state", clock)
    assert (again.world, again.events()) == (moved, [])
    again.restart()
    assert again.world == first()
    state.close()


def test_a_state_has_one_sandbox_at_a_time(tmp_path):
    state = State(tmp_path / "state", first)

    with pytest.raises(UsageError, match="another sandbox is using it: stop the other sandbox"):
        State(tmp_path / "state", first)
    state.close()
    State(tmp_path / "state", first).close()


def test_a_file_that_is_no_state_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("my notes, which are longer than a header of SQLite\n" * 100)

    with pytest.raises(UsageError, match=r"notes.txt: it cannot be used .*: name another file"):
        State(tmp_path / "notes.txt", first)
    assert (tmp_path / "notes.txt").read_text().startswith("my notes")


def test_a_state_of_another_version_is_told(tmp_path):
    State(tmp_path / "state", first).close()
    with sqlite3.connect(tmp_path / "state") as con:
        con.execute("update world set body = '{\"format\": 9}'")
    con.close()

    with pytest.raises(UsageError, match="it is of another version"):
        State(tmp_path / "state", first)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match=r"--state .*: name another file"):
        State(tmp_path / "file/state", first)
