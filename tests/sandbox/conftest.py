from contextlib import ExitStack

import pytest
from consoles import Sandbox


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts sandboxes, which are stopped in the end."""
    with ExitStack() as running:

        def run(*arguments):
            sandbox = Sandbox(arguments, tmp_path_factory.mktemp("log") / "log")
            running.callback(sandbox.stop)
            return sandbox

        yield run


@pytest.fixture(scope="module")
def shared(start):
    """One sandbox with an invented world; who moves PCs resets it."""
    return start("--seed", 7, "--customers", 3, "--devices", 30)


@pytest.fixture
def sandbox(shared):
    shared.client.post("/api/reset").raise_for_status()
    return shared
