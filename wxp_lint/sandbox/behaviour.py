"""What HP does not document, as switches: every default is a guess, and says so wherever it is shown."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from wxp_lint.errors import UsageError, did_you_mean


class Switch(NamedTuple):
    """A behaviour that nobody outside of HP knows. `choices` say what each value does; the first is the default."""

    name: str
    question: str
    choices: Mapping[str, str]

    @property
    def default(self) -> str:
        """The guess."""
        return next(iter(self.choices))


SWITCHES = (
    Switch(
        "duplicates",
        "What does a serial number do that stands twice in a file?",
        {"error": "the second row is an error", "ignore": "the second row counts as moved too"},
    ),
    Switch(
        "lower-case",
        "Is a serial number found that is written in lower case?",
        {"accept": "yes", "error": "no: the row is an error"},
    ),
    Switch(
        "bom",
        "Is a CSV taken that begins with a UTF-8 byte order mark?",
        {"accept": "yes", "refuse": "no: the whole file is refused"},
    ),
    Switch(
        "header",
        "Which row is the header?",
        {
            "likely": "one above the PCs that does not look like a PC, in any words",
            "first-row": "the first row, whatever it says: a PC that stands there is lost",
            "exact": "only the words of the sample file; else the whole file is refused",
        },
    ),
    Switch(
        "mixed-targets",
        "What happens to a file with several Customer IDs?",
        {
            "errors": "rows that differ from the first are errors",
            "refuse": "the whole file is refused",
        },
    ),
    Switch(
        "summary",
        "What does the Summary list?",
        {
            "all": "every row",
            "errors": "only the rows with an error",
            "counts": "no rows, only how many were moved and how many were not",
        },
    ),
)
_BY_NAME = {switch.name: switch for switch in SWITCHES}
DEFAULTS: Mapping[str, str] = {switch.name: switch.default for switch in SWITCHES}


def behaviours(given: Iterable[str]) -> dict[str, str]:
    """All switches, by `NAME=VALUE` as given and by default otherwise. Raises UsageError."""
    found = dict(DEFAULTS)
    for text in given:
        name, sign, value = text.partition("=")
        switch = _BY_NAME.get(name)
        if switch is None:
            known = ", ".join(_BY_NAME)
            hint = did_you_mean(name, _BY_NAME) or f": there are {known}"
            raise UsageError(f"--behaviour {text}: there is no behaviour '{name}'{hint}")
        if not sign or value not in switch.choices:
            choices = " or ".join(f"{name}={choice}" for choice in switch.choices)
            raise UsageError(f"--behaviour {text}: write {choices}{did_you_mean(value, switch.choices)}")
        found[name] = value
    return found
