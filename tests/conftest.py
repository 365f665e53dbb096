import os

import pytest

# A build that runs the tests does not decide how the program reports.
for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "TF_BUILD"):
    os.environ.pop(name, None)


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
