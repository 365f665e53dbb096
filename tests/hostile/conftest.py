import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
for place in ("files", "cli", "fuzz"):  # workbooks.py, assignments.py, targets.py
    if str(TESTS / place) not in sys.path:
        sys.path.append(str(TESTS / place))
