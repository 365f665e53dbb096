"""Runs that meet: twelve at once, one that sleeps while another works, a commit between read and push."""

import os
import random
import signal
import time
from itertools import product

import pytest
from scenes import STAGES, git
from tally import is_told

RACERS = 12


def test_twelve_racing_runs(kind, is_whole, warm, new_scene, tally):
    for stage in 5 * STAGES if is_whole else STAGES[:1]:
        scene, reference = new_scene(kind, stage)
        clones = [f"c{number // 2}" for number in range(RACERS)]  # two in each clone
        for clone in clones:
            scene.clone(clone)
        children = [warm.start(scene, clone, "apply", "--yes") for clone in clones]
        runs = [warm.wait(child) for child in children]
        tally.runs += RACERS
        assert [(run.code, is_told(run)) for run in runs] == [(0, True)] * RACERS, runs
        tally.check(scene, reference, set(clones))
        scene.remove()


def test_twelve_who_want_the_same_transfer(kind, warm, new_scene):
    scene, reference = new_scene(kind, "begun")
    name = scene.prepared()[0]

    children = [warm.start(scene, f"c{number}", "take", name, "--by", f"P {number}") for number in range(RACERS)]
    runs = [warm.wait(child) for child in children]

    assert sorted(run.code for run in runs) == [0] + [7] * (RACERS - 1), runs
    winner = next(number for number, run in enumerate(runs) if run.code == 0)
    taken = [event for event in scene.events() if event["kind"] == "taken"]
    assert [event["actor"]["name"] for event in taken] == [f"P {winner}"]
    assert all(f"P {winner} (" in run.err for number, run in enumerate(runs) if number != winner)
    assert scene.outbox(f"c{winner}")[name] == reference.outbox[name]


def test_a_run_that_slept_while_another_worked(kind, is_whole, warm, new_scene, tally):
    places = product(STAGES, ("before-staging", "before-append", "before-rename"))
    for stage, place in places if is_whole else [("begun", "before-append")]:
        scene, reference = new_scene(kind, stage)
        sleeper = warm.start(scene, "one", "apply", "--yes", stop=place)
        assert warm.is_stopped(sleeper)

        other = warm.run(scene, "two", "apply", "--yes")
        assert (other.code, is_told(other)) == (0, True), other
        seen = scene.events()
        os.kill(sleeper, signal.SIGCONT)
        woken = warm.wait(sleeper)

        assert (woken.code, is_told(woken)) == (0, True), woken
        assert scene.events() == seen
        tally.runs += 2
        tally.check(scene, reference, ["one", "two"])
        scene.remove()


def test_a_run_that_slept_over_a_plan_that_was_agreed_to(kind, warm, new_scene):
    scene, reference = new_scene(kind, "begun")
    plan = str(scene.folder / "plan.json")
    assert warm.run(scene, "one", "plan", "--save", plan).code == 0
    sleeper = warm.start(scene, "one", "apply", "--plan", plan, stop="before-append")
    assert warm.is_stopped(sleeper)

    assert warm.run(scene, "two", "apply", "--yes").code == 0
    os.kill(sleeper, signal.SIGCONT)
    woken = warm.wait(sleeper)

    assert woken.code == 5
    assert "the plan is stale" in woken.err
    assert sorted(scene.prepared()) == sorted(reference.outbox)


def test_a_run_that_was_stopped_at_any_moment(kind, is_whole, warm, new_scene, tally):
    """With all that it started. While it sleeps it may hold a lock: others then say so, and work later."""
    moments = 20 if is_whole else 1
    for number in range(moments):
        scene, reference = new_scene(kind, "begun")
        sleeper = warm.start(scene, "one", "apply", "--yes")
        time.sleep((number + random.random()) / moments * reference.took)
        os.killpg(sleeper, signal.SIGSTOP)
        other = warm.run(scene, "two", "apply", "--yes")
        assert other.code in (0, 8), other
        assert is_told(other)
        os.killpg(sleeper, signal.SIGCONT)
        woken = warm.wait(sleeper)
        assert (woken.code, is_told(woken)) == (0, True), woken
        last = warm.run(scene, "two", "apply", "--yes")
        assert last.code == 0, last
        tally.runs += 3
        tally.check(scene, reference, ["one", "two"])
        scene.remove()


@pytest.mark.parametrize("kind", ["git"])
def test_a_push_that_comes_second(warm, new_scene, tally, stage):
    scene, reference = new_scene("git", stage)
    paused, go = scene.folder / "paused", scene.folder / "go"
    # Only the first push waits in the server, until another one is through.
    _hook(scene, "pre-receive", f"mkdir '{paused}' || exit 0\nwhile [ ! -e '{go}' ]; do sleep 0.01; done")

    first = warm.start(scene, "one", "apply", "--yes")
    _until(paused.exists)
    other = warm.run(scene, "two", "apply", "--yes")
    go.touch()
    second = warm.wait(first)

    assert (other.code, second.code) == (0, 0), (other, second)
    tally.runs += 2
    tally.check(scene, reference, ["one", "two"])


@pytest.mark.parametrize("kind", ["git"])
@pytest.mark.parametrize("hook", ["pre-receive", "post-receive"])
def test_a_push_whose_answer_is_lost(warm, new_scene, tally, hook):
    scene, reference = new_scene("git", "begun")
    lost = scene.folder / "lost"
    _hook(scene, hook, f"mkdir '{lost}' && kill -9 $PPID; exit 0")

    run = warm.run(scene, "one", "apply", "--yes")

    assert lost.exists()
    assert (run.code, is_told(run)) == (0, True), run
    tally.runs += 1
    tally.check(scene, reference, ["one"])


@pytest.mark.parametrize("kind", ["git"])
def test_a_server_that_refuses(warm, new_scene, tally):
    scene, reference = new_scene("git")
    _hook(scene, "pre-receive", "echo 'the branch is protected' >&2; exit 1")

    run = warm.run(scene, "one", "apply", "--yes")

    assert (run.code, is_told(run)) == (8, True)
    assert "the branch is protected" in run.err
    assert (scene.prepared(), scene.outbox()) == ([], {})

    (scene.origin / "hooks/pre-receive").unlink()
    assert warm.run(scene, "one", "apply", "--yes").code == 0
    tally.runs += 2
    tally.check(scene, reference, ["one"])


def _hook(scene, name, text):
    hooks = scene.origin / "hooks"
    hooks.mkdir()
    (hooks / name).write_text(f"#!/bin/sh\n{text}\n")
    (hooks / name).chmod(0o755)
    git(scene.origin, "config", "core.hooksPath", "hooks")


def _until(true, patience=20):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
