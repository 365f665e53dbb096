"""Places at which a run can be made to die, for the tests that see to it that nothing is lost then."""

import os

VARIABLE = "WXP_LINT_FAILPOINT"
# All there are, in the order in which a run passes them.
FAILPOINTS = (
    "before-staging",
    "during-staging",
    "after-staging",
    "before-append",
    "after-append",
    "before-rename",
    "after-rename",
    "before-report",
)


def failpoint(name: str) -> None:
    """Kills this process without a last word if the environment names this place; else does nothing."""
    if os.environ.get(VARIABLE) == name:
        import signal

        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
