"""JSON that may stand on a terminal and in the log of a build."""

import json
import re
from typing import Any

from wxp_lint.report.style import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")  # json itself escapes the rest
_COMMAND = re.compile(r"#(?=#(?:vso)?\[)")


def dumped(value: Any, indent: int | None = None) -> str:
    """`value` as JSON; it reads back as the same value.

    Characters that show nothing, and what GitHub or Azure takes for a command, are written as escapes. A line never
    starts with `::`, since JSON does not. Without `indent` it is one line.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    text = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return _COMMAND.sub("\\\\u0023", text)
