"""openpyxl, read-only, reading every cell of a workbook."""

import sys

from openpyxl import load_workbook

cells = sum(len(row) for row in load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True))
assert cells
