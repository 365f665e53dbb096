"""A plan in a file: what somebody read and agreed to, for a later `apply --plan`."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wxp_lint.config.text import shown
from wxp_lint.errors import UsageError
from wxp_lint.files.save import save
from wxp_lint.transfer.gate import Refusal
from wxp_lint.transfer.plan import VERSION, Plan, document

LIFE = timedelta(hours=24)
_MOST = 50_000_000  # bytes
_ABOUT = {
    "commit": "other commits are checked out",
    "files": "transfer files have changed",
    "policy": "the config, the rules or wxp-lint itself have changed",
    "ledger": "the ledger has gone on",
    "transfers": "other things hold for these transfers now (customers, inventory, sidecars, the day)",
}


def save_plan(plan: Plan, path: Path, now: datetime) -> None:
    """Writes the plan, good for a day. Raises UsageError if that cannot be done."""
    found = document(plan)
    expires = (now.astimezone(UTC) + LIFE).replace(microsecond=0)
    text = json.dumps(
        {**found, "expires": expires.isoformat().replace("+00:00", "Z"), "binds": dict(plan.parts)},
        indent=1,
        ensure_ascii=False,
    )
    try:
        save(path, f"{text}\n".encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"--save: cannot write {path}: {(error.strerror or str(error)).lower()}") from None


def load_plan(path: Path) -> dict[str, Any]:
    """The plan in a file. Raises UsageError if it holds none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"--plan: {path} is no file: name one that wxp-lint plan --save has written")
        with path.open("rb") as file:
            data = file.read(_MOST)
        found = json.loads(data)
        expires = datetime.fromisoformat(found["expires"])
        if not (isinstance(found["digest"], str) and isinstance(found["binds"], dict)) or expires.tzinfo is None:
            raise ValueError
        version = found["version"]
    except OSError as error:
        raise UsageError(f"--plan: cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(f"--plan: {path} is no plan: make one with wxp-lint plan --save {path}") from None
    if version != VERSION:
        raise UsageError(f"--plan: {path} has version {shown(version)}, this wxp-lint knows {VERSION}: plan again")
    return dict(found)


def check_saved(saved: dict[str, Any], plan: Plan, path: Path, now: datetime) -> None:
    """Raises Refusal unless the saved plan is still in time, and is the plan that holds now."""
    again = f"Look at what holds now (wxp-lint plan --save {path}), then apply that"
    if now.astimezone(UTC) > datetime.fromisoformat(saved["expires"]):
        raise Refusal(f"the plan {path} was good until {saved['expires']}. {again}")
    if saved["digest"] != plan.digest:
        binds = saved["binds"]
        why = [words for part, words in _ABOUT.items() if binds.get(part) != plan.parts[part]]
        # What is told of the transfers follows from the rest.
        causes = [words for words in why if words != _ABOUT["transfers"]] or why
        raise Refusal(f"the plan {path} is stale: {'; '.join(causes) or 'it was changed by hand'}. {again}")
