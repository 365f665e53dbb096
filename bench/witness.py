"""A pytest plugin: notes which lines each test runs, in its own process and in the children that it starts.

Coverage is on because of COVERAGE_PROCESS_START; a child's lines are those of the test that TOUCHED_BY names. Each
process leaves its data in TOUCHED_IN, and its tests' names, seconds and outcomes there in a file of its own.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from coverage import Coverage

TEST = "TOUCHED_BY"
_popen = subprocess.Popen.__init__
_told: dict[str, tuple[float, bool]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    os.environ[TEST] = item.nodeid
    if coverage := Coverage.current():
        coverage.switch_context(item.nodeid)
    return (yield)


def pytest_runtest_logreport(report):
    seconds, passed = _told.get(report.nodeid, (0.0, True))
    _told[report.nodeid] = seconds + report.duration, passed and report.passed


def pytest_sessionfinish():
    if "PYTEST_XDIST_WORKER" in os.environ:
        file = Path(os.environ["TOUCHED_IN"], f"tests.{os.getpid()}.json")
        file.write_text(json.dumps([[test, *told] for test, told in _told.items()]))


def _start(self, *arguments, env=None, **more):
    # A fixture may have taken down the environment long ago.
    named = None if env is None else {**env, **{name: os.environ[name] for name in (TEST,) if name in os.environ}}
    _popen(self, *arguments, env=named, **more)


subprocess.Popen.__init__ = _start
