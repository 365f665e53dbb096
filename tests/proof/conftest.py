import os

import pytest
from scenes import KINDS, STAGES, TRANSFERS, bound, make
from tally import Reference, Tally
from warm import Warm

ROWS = pytest.StashKey[list[Tally]]()
_OTHERS = ("GIT_", "WXP_LINT_FAILPOINT")


@pytest.fixture(scope="session")
def wanted():
    """So many kills a ledger: `make proof` sets the number."""
    return int(os.environ.get("WXP_LINT_PROOF", "10"))


@pytest.fixture(scope="session")
def is_whole(wanted):
    """Whether there is time for all of it."""
    return wanted >= 100


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    who = {"user.name": "tester", "user.email": "tester@example.org"}
    for number, (key, value) in enumerate(who.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(who)),
        "WXP_LINT_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
    }
    # Also for the git that the tests call themselves.
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    started = Warm(environment)
    yield started
    started.close()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def template(warm, tmp_path_factory, request):
    """The scene of a kind and stage that is copied, and how it is once all went well."""
    made = {}

    def of(kind, stage):
        if (kind, stage) not in made:
            server = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
            scene = make(kind, stage, tmp_path_factory.mktemp("templates") / stage, warm, server)
            trial = scene.copy(bound(scene.folder.parent))
            done = warm.run(trial, "one", "apply", "--yes")
            assert done.code == 0, done.err
            outbox = trial.outbox()
            assert len(outbox) == TRANSFERS
            made[kind, stage] = scene, Reference(outbox, done.took)
            trial.remove()
        return made[kind, stage]

    return of


@pytest.fixture
def new_scene(template, tmp_path):
    """Makes scenes of a kind and stage: (scene, what it is to become)."""
    made = []

    def of(kind, stage="new"):
        scene, reference = template(kind, stage)
        made.append(scene.copy(bound(tmp_path)))
        return made[-1], reference

    yield of
    for scene in made:
        scene.remove()


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(params=STAGES)
def stage(request):
    return request.param


@pytest.fixture
def tally(request, kind):
    """What is counted of a test, for the table at the end."""
    counted = Tally(request.node.originalname.removeprefix("test_").replace("_", " "), kind)
    request.config.stash.setdefault(ROWS, []).append(counted)
    return counted


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("proof")
        for line in Tally.table(rows):
            terminalreporter.line(line)
