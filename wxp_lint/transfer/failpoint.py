"""Places at which a run can be made to die, for the tests that see to it that nothing is lost then."""

import os

VARIABLE = "WXP_LINT_FAILPOINT"
# All of a run that prepares, in the order in which it passes them.
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
# And all of a run that sends, up to the last one, which it shares.
HTTP_FAILPOINTS = (
    "http-before-claim",
    "http-after-claim",
    "http-after-sending",
    "http-before-request",
    "http-during-request",
    "http-after-request",
    "http-before-record",
    "http-after-record",
    "http-before-poll",
    "http-before-outcome",
    "http-after-outcome",
    "before-report",
)


def failpoint(name: str) -> None:
    """Kills this process without a last word if the environment names this place; else does nothing."""
    if os.environ.get(VARIABLE) == name:
        import signal

        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
