"""`python -m wxp_lint` is `wxp-lint`."""

from wxp_lint.cli import main

main()
