"""Runs whose disk is full, and whose database goes away: nothing is half done, and it is said."""

import os
import random
import signal
import time

import pytest
from scenes import git
from tally import is_part, is_told


def test_full_disk(kind, wanted, is_whole, warm, new_scene, tally):
    """Files may not grow beyond a size: one that stops the folder, one that stops the ledger, and any."""
    sizes = [*range(0, 3000, 250), *range(3000, 40_000, 4000)] if is_whole else [100, 2500]
    refused = 0
    for size in sizes:
        scene, reference = new_scene(kind, "begun" if size % 500 else "new")
        run = warm.run(scene, "one", "apply", "--yes", limit=size)
        assert is_told(run), (size, run)
        assert run.took < 20, run  # it is not tried again for ever
        refused += run.code == 8
        if run.code == 0:
            assert scene.outbox() == reference.outbox
        prepared, outbox = scene.prepared(), scene.outbox()
        assert is_part(outbox, reference)
        assert outbox.keys() <= set(prepared)

        again = warm.run(scene, "one", "apply", "--yes")

        assert (again.code, is_told(again)) == (0, True), again
        tally.runs += 2
        tally.check(scene, reference, ["one"])
        scene.remove()
    assert refused


@pytest.mark.parametrize("kind", ["git"])
def test_full_disk_of_the_server(warm, new_scene, tally):
    scene, reference = new_scene("git", "begun")
    clone = scene.clone("one")
    git(clone, "config", "remote.origin.receivepack", "ulimit -f 0; git-receive-pack")
    before = scene.prepared()

    run = warm.run(scene, "one", "apply", "--yes")

    assert (run.code, is_told(run)) == (8, True), run
    assert scene.prepared() == before

    git(clone, "config", "--unset", "remote.origin.receivepack")
    assert warm.run(scene, "one", "apply", "--yes").code == 0
    tally.runs += 2
    tally.check(scene, reference, ["one"])


@pytest.mark.parametrize("kind", ["postgresql"])
def test_database_restarts(is_whole, warm, new_scene, postgres_server, tally):
    """It stops at once, without waiting for anybody, while a run is under way; in the slice until one was hit."""
    rounds = 20
    failed = 0
    for number in range(rounds):
        if failed and number > 1 and not is_whole:
            break
        scene, reference = new_scene("postgresql", "begun" if number % 2 else "new")
        child = warm.start(scene, "one", "apply", "--yes")
        time.sleep((number + random.random()) / rounds * reference.took)
        postgres_server.stop()
        try:
            run = warm.wait(child)
        finally:
            postgres_server.start()
        assert run.code in (0, 8), run
        assert is_told(run), run
        failed += run.code == 8
        outbox = scene.outbox()
        assert is_part(outbox, reference)
        assert outbox.keys() <= set(scene.prepared())

        again = warm.run(scene, "one", "apply", "--yes")

        assert (again.code, is_told(again)) == (0, True), again
        tally.runs += 2
        tally.check(scene, reference, ["one"])
        scene.remove()
    assert failed


@pytest.mark.parametrize("kind", ["postgresql"])
def test_database_restarts_while_a_run_waits(warm, new_scene, postgres_server, tally):
    """Between the plan and the append the server goes away and comes back: the run does not notice."""
    scene, reference = new_scene("postgresql", "begun")
    child = warm.start(scene, "one", "apply", "--yes", stop="before-append")
    assert warm.is_stopped(child)
    postgres_server.stop()
    postgres_server.start()
    os.kill(child, signal.SIGCONT)
    run = warm.wait(child)

    assert (run.code, is_told(run)) == (0, True), run
    tally.runs += 1
    tally.check(scene, reference, ["one"])
