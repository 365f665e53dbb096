"""The environment of a child process, as a user's could be."""

import os

_OURS = ("GIT_", "WXP_LINT_", "NO_COLOR", "FORCE_COLOR")


def surroundings(cache):
    """Nothing of this machine's git, colours or cache; its CI is left out by tests/conftest.py."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    git = {"user.name": "tester", "user.email": "tester@example.org", "init.defaultBranch": "main"}
    for n, (key, value) in enumerate(git.items()):
        kept |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(git)),
        "WXP_LINT_CACHE_DIR": str(cache),
    }
