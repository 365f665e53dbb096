import os

import pytest


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
