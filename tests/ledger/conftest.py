import os

import pytest
from sites import KINDS, Site


@pytest.fixture(autouse=True)
def plain_git(monkeypatch):
    """Nothing of this machine's git settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def site_of(tmp_path, request):
    def make(kind):
        return Site(kind, tmp_path, request.getfixturevalue("postgres_server") if kind == "postgresql" else None)

    return make


@pytest.fixture(params=KINDS)
def site(request, site_of):
    return site_of(request.param)
