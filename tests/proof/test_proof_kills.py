"""A run of `apply` is killed, anywhere: the next one completes it, and nothing is handed over twice."""

import random
import statistics
from itertools import product

from scenes import STAGES
from tally import is_part, is_told
from warm import KILLED

from wxp_lint.transfer.failpoint import FAILPOINTS, VARIABLE

_ANEW = 20  # after so many kills it is measured again how long a run takes


def test_killed_at_every_failpoint_in_turn(kind, is_whole, warm, new_scene, tally):
    """The same runner, whose every run dies a little later than the one before."""
    for stage in STAGES if is_whole else (STAGES[kind == "sqlite"],):
        scene, reference = new_scene(kind, stage)
        for name in FAILPOINTS:
            _kill_at(name, tally, warm, scene, reference)
            is_after = FAILPOINTS.index(name) >= FAILPOINTS.index("after-append")
            assert (len(scene.prepared()) == len(reference.outbox)) == is_after
        assert scene.outbox() == reference.outbox
        _complete(tally, warm, scene, reference, "one")


def test_killed_at_a_failpoint(kind, is_whole, warm, new_scene, tally):
    trials = product(FAILPOINTS, STAGES, ("one", "two")) if is_whole else [("after-append", "begun", "two")]
    for name, stage, clone in trials:
        scene, reference = new_scene(kind, stage)
        _kill_at(name, tally, warm, scene, reference)
        _complete(tally, warm, scene, reference, clone)
        scene.remove()


def test_killed_at_any_moment(kind, wanted, is_whole, warm, new_scene, template, tally):
    wanted = wanted if is_whole else wanted - len(FAILPOINTS) - 1
    assert wanted > 0
    durations = {stage: [template(kind, stage)[1].took] for stage in STAGES}
    turn = 0
    while tally.kills < wanted and turn < 4 * wanted:
        stage = STAGES[turn % 2]
        scene, reference = new_scene(kind, stage)
        # Each kill has its own share of the run, so that they are spread evenly.
        share = (tally.kills + random.random()) / wanted
        delay = None if turn % _ANEW in (_ANEW - 2, _ANEW - 1) else share * statistics.median(durations[stage][-5:])
        # Half of the time what the run has started, a push perhaps, lives on.
        run = warm.run(scene, "one", "apply", "--yes", kill=delay, group=turn % 4 < 2)
        if run.code == KILLED:
            _count(tally, scene, reference)
        else:
            assert (run.code, is_told(run)) == (0, True), run
            tally.runs += 1
            durations[stage].append(run.took)
        _complete(tally, warm, scene, reference, "two" if turn % 3 == 0 else "one")
        scene.remove()
        turn += 1
    assert tally.kills == wanted


def _kill_at(name, tally, warm, scene, reference):
    run = warm.run(scene, "one", "apply", "--yes", env={VARIABLE: name})
    assert run.code == KILLED, (name, run)
    _count(tally, scene, reference)


def _count(tally, scene, reference):
    """A run was killed: what is in its outbox is whole, and in the ledger."""
    outbox, prepared = scene.outbox(), scene.prepared()
    assert is_part(outbox, reference)
    assert outbox.keys() <= set(prepared)
    tally.runs += 1
    tally.kills += 1
    tally.after += len(prepared) == len(reference.outbox)
    tally.before += len(prepared) < len(reference.outbox)


def _complete(tally, warm, scene, reference, clone):
    """One clean run, in the same clone or another one, and all is there once."""
    run = warm.run(scene, clone, "apply", "--yes")
    tally.runs += 1
    assert (run.code, is_told(run)) == (0, True), run
    tally.check(scene, reference, [clone])
