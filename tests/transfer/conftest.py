import os

import pytest
from desks import Desk
from gateways import TOKEN, Sandbox, Stub
from remotes import HttpDesk


@pytest.fixture(autouse=True)
def plain_git(monkeypatch, tmp_path_factory):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = {"user.name": "tester", "user.email": "tester@example.org", "init.defaultBranch": "main"}
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for n, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{n}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{n}", value)
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "desk").mkdir()
    return Desk(tmp_path / "desk")


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory, plain):
    """Sandboxes by their faults, each started once; every test finds its world as it was at first."""
    place = tmp_path_factory.mktemp("sandboxes")
    world = Desk(make_folder(place / "world"))
    started = {}

    def sandbox(*faults):
        if faults not in started:
            started[faults] = Sandbox(world.folder, place / f"state-{len(started)}.db", *faults)
        started[faults].reset()
        return started[faults]

    yield sandbox
    for one in started.values():
        one.stop()


@pytest.fixture(scope="module")
def plain():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}.items():
            patch.setenv(name, value)
        for n, (name, value) in enumerate({"user.name": "t", "user.email": "t@example.org"}.items()):
            patch.setenv(f"GIT_CONFIG_KEY_{n}", name)
            patch.setenv(f"GIT_CONFIG_VALUE_{n}", value)
        patch.setenv("GIT_CONFIG_COUNT", "2")
        yield


def make_folder(folder):
    folder.mkdir()
    return folder


@pytest.fixture
def http_desk(desk, monkeypatch):
    """Makes a desk for the address of a remote."""
    monkeypatch.setenv("WXP_LINT_HTTP_TOKEN", TOKEN)
    monkeypatch.chdir(desk.folder)

    def make(url, more="", trust="all", files=None):
        return HttpDesk(desk, url, more, trust, files)

    return make


@pytest.fixture
def stub():
    """Makes servers that answer every upload alike."""
    made = []

    def make(*arguments):
        made.append(Stub(*arguments))
        return made[-1]

    yield make
    for one in made:
        one.stop()
