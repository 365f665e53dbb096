import os
import shutil

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine is doing, so no test rests on it.
settings.register_profile("patient", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))

# A CI that runs the tests does not decide how the program reports and who is taken to act.
_CI = ("BITBUCKET_", "BUILD", "CI", "GITHUB_", "GITLAB_", "JENKINS_", "RUNNER_", "SYSTEM_", "TF_BUILD")
for name in [name for name in os.environ if name.startswith(_CI)]:
    del os.environ[name]


@pytest.fixture(scope="session")
def service_missing():
    """Call it with the reason when something outside of Python is not there (a package index, a database).

    The test skips, or fails where WXP_LINT_REQUIRE_SERVICES=1 says that everything has to be there.
    """

    def give_up(reason):
        if os.environ.get("WXP_LINT_REQUIRE_SERVICES") == "1":
            pytest.fail(f"{reason} (and WXP_LINT_REQUIRE_SERVICES=1)", pytrace=False)
        pytest.skip(reason)

    return give_up


@pytest.fixture(scope="module")
def chromium(service_missing):
    """A real Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        service_missing("Chromium is not installed")
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if is_root else [])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres_server(service_missing):
    """A real PostgreSQL, to be asked, stopped and frozen (tests/postgres.py); who stops it starts it again."""
    import postgres

    try:
        with postgres.running() as server:
            yield server
    except postgres.Missing as missing:
        service_missing(str(missing))


@pytest.fixture(scope="session")
def postgres(postgres_server):
    """Its DSN: postgresql://USER@127.0.0.1:PORT/DATABASE."""
    return postgres_server.url


@pytest.fixture
def uncovered(monkeypatch):
    """Children are not measured: where they have no room or no rights, the measuring would complain."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
