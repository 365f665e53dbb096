"""`python -m wxp_lint` is `wxp-lint`."""

import gc
import sys
from typing import NoReturn

from wxp_lint.facts.fresh import open_ahead


def main() -> NoReturn:
    """The program `wxp-lint`. A run is short and makes few cycles, so none are looked for, from the first import on."""
    gc.disable()
    if "check" in sys.argv[1:2]:  # what hooks call: its database opens while the command line is imported
        open_ahead()
    from wxp_lint.cli import main as run

    run()


if __name__ == "__main__":
    main()
