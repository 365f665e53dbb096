"""Runs of the http submitter are killed anywhere, and its remote fails in every way: nothing is uploaded twice."""

import random
from itertools import count

import pytest
from chains import Chain, Figures, make_http, world
from gateways import Sandbox
from scenes import KINDS, bound
from warm import KILLED

from wxp_lint.transfer.failpoint import HTTP_FAILPOINTS, VARIABLE

WHOLE = 500  # killed or faulted attempts, at least
_SO_FAR = {"git": 170, "sqlite": 450, "postgresql": WHOLE}  # so many of them once a ledger has had its turn
SILENT = ("slow", "cut-before", "cut-after")  # there is no answer within the time-out
BAD = (*SILENT, "error-before", "error-after")
FAULTS = ("none", *BAD, "summary-late", "summary-errors-only", "summary-counts", "summary-missing-row")
_POLLED = tuple(name for name in HTTP_FAILPOINTS if name.endswith(("-poll", "-outcome")))


def passed(fault):
    """The failpoints that a run passes."""
    gone = [*(["http-after-request"] if fault in SILENT else []), *(_POLLED if fault in BAD else [])]
    gone += ["http-before-outcome", "http-after-outcome"] if fault == "summary-late" else []
    return [name for name in HTTP_FAILPOINTS if name not in gone]


class Told:
    """Tells the figures at the end of the test run."""

    def __init__(self, figures):
        self._figures = figures

    def pytest_terminal_summary(self, terminalreporter):
        if self._figures.runs:
            terminalreporter.section("proof: the http submitter")
            terminalreporter.line(self._figures.line())


@pytest.fixture(scope="module")
def figures(request):
    found = Figures()
    request.config.pluginmanager.register(Told(found))
    return found


@pytest.fixture(scope="module")
def chain(warm, figures, tmp_path_factory, request):
    """Makes chains: over a ledger of this kind, and a remote with this fault."""
    place = tmp_path_factory.mktemp("http")
    desk = place / "world"
    for path, text in (world() | {"wxp-lint.toml": _WORLD}).items():
        (desk / path).parent.mkdir(parents=True, exist_ok=True)
        (desk / path).write_text(text)
    remotes, scenes, numbers, made = {}, {}, count(), []

    def of(fault, kind="sqlite"):
        faults = [] if fault == "none" else [fault]
        if fault not in remotes:
            remotes[fault] = Sandbox(desk, place / f"state-{next(numbers)}.db", *faults)
        if (fault, kind) not in scenes:
            server = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
            scenes[fault, kind] = make_http(kind, bound(place), remotes[fault].url, server)
        made.append(scenes[fault, kind].copy(bound(place)))
        return Chain(warm, made[-1], remotes[fault], faults, figures)

    yield of
    for one in remotes.values():
        one.stop()
    for scene in [*made, *scenes.values()]:
        scene.remove()


_WORLD = 'customers = "customers.csv"\n[inventory]\nsources = [{ path = "unassigned.csv", place = "unassigned" }]\n'


@pytest.mark.parametrize("fault", FAULTS)
def test_killed_at_every_failpoint_whatever_the_remote_does(chain, is_whole, fault):
    if not is_whole and fault not in ("none", "cut-after"):
        pytest.skip("in the whole proof alone: WXP_LINT_PROOF=100")
    runs = chain(fault)
    for name in passed(fault):
        run = runs.run(env={VARIABLE: name})
        assert run.code == KILLED, (name, run)
    runs.finish()
    runs.scene.remove()


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_moment(chain, figures, is_whole, kind):
    """With a second runner beside it now and then."""
    faults = FAULTS[: len(BAD) + 1] if is_whole else ("none",)
    for turn in count():
        runs = chain(faults[turn % len(faults)], kind)
        # When a run begins to send, on this machine at this time.
        begins = runs.run(env={VARIABLE: "http-before-claim"}).took
        for _ in range(12 if is_whole else 3):
            if runs.is_all_begun():
                break
            beside = runs.start("two") if random.random() < 0.2 else None
            runs.run(kill=random.uniform(begins * 0.7, begins * 1.7))
            if beside is not None:
                runs.end(beside, kill=random.uniform(0, begins))
        runs.finish()
        runs.scene.remove()
        if not is_whole or (turn + 1 >= len(faults) and figures.struck >= _SO_FAR[kind]):
            break


def test_nothing_was_uploaded_twice(figures, is_whole):
    assert figures.runs > 0, "the tests above come first"
    assert (figures.doubles, figures.unreported) == (0, 0)
    assert figures.in_doubt > 0
    assert not is_whole or figures.struck >= WHOLE
