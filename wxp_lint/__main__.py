"""`python -m wxp_lint` is `wxp-lint`."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """The program `wxp-lint`. A run is short and makes few cycles, so none are looked for, from the first import on."""
    gc.disable()
    from wxp_lint.cli import main as run

    run()


if __name__ == "__main__":
    main()
