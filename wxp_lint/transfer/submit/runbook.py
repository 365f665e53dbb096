"""RUNBOOK.md: what a person does in HP's console, click by click (DOMAIN, "The job")."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

from wxp_lint.facts.places import UNASSIGNED
from wxp_lint.repo.typed import shown

_MARKS = re.compile(r"([\\`*_\[\]<>|#~!&])")


def runbook(transfer: str, data: Mapping[str, Any], upload: str) -> str:
    """The text. It depends on nothing but its arguments."""
    target, source = data["target"], data["source"]
    count = len(data["serials"])
    devices = f"{count:,} PC{'' if count == 1 else 's'}"
    to, where = _plain(target["name"]), _place(source)
    facts = [
        ("Transfer", f"`{transfer}`"),
        ("PCs", f"{count:,}"),
        ("From", _plain(source["name"])),
        ("To", f"{to}, Customer ID `{_code(target['customer_id'])}`"),
        ("Reviewed file", f"`{_code(data['path'])}`"),
        ("File to upload", f"`{upload}`"),
        ("Its SHA-256", f"`{data['upload']}`"),
    ]
    facts += [("Ticket", _plain(str(data["ticket"])))] if data.get("ticket") else []
    facts += [("Reason", _plain(str(data["reason"])))] if data.get("reason") else []
    table = "\n".join(f"| {name} | {value} |" for name, value in facts)
    heed = "".join(f"- {_plain(one['message'])} ({_plain(one['code'])})\n" for one in data.get("warnings") or ())
    heed = f"\n## Mind\n\n{heed}" if heed else ""
    return f"""# Upload by hand: {devices} to {to}

Nothing has been sent to HP. You upload `{upload}` yourself, in the console of the Workforce Experience Platform.

| | |
|---|---|
{table}
{heed}
## Before

1. Say that you do it. If somebody else was quicker, this is refused: then stop here.

       wxp-lint take {transfer} --by "YOUR NAME"

2. Leave `{upload}` as it is: no Excel, no saving. This must print the SHA-256 above:

       sha256sum {upload}

   On Windows: `Get-FileHash {upload}` in PowerShell.

## Upload

3. Compare the target: {_compare(target)}
4. Open the place where the PCs are now: {where}.
5. Click **Transfer**. You need no sample file.
6. In the dialog Transfer Devices, upload `{upload}`. It holds {devices}.
7. Say that you did:

       wxp-lint uploaded {transfer} --by "YOUR NAME"

## After

8. Wait for the red mark on the **Notification Center** (the bell), and download the **Summary**.
9. Export the list of PCs of {to}: {_place(target)}. It is the better evidence of the two.
10. Tell what came of it, with the export first, and the day on which you made it (`today`, or like 2026-11-03):

        wxp-lint reconcile {shlex.quote(target["customer_id"])}=EXPORT.csv --on today
        wxp-lint reconcile SUMMARY.csv --transfer {transfer}

11. `wxp-lint status` lists what did not move, and what is not known yet.

## If it was a mistake

{_reversal(source, to, transfer, devices)}
"""


def _place(place: Mapping[str, Any]) -> str:
    if place["name"] == UNASSIGNED:
        return "**Unassigned Devices**"
    return f"**Customers > {_plain(place['name'])} > Devices > PCs**"


def _compare(target: Mapping[str, Any]) -> str:
    own = _code(target["customer_id"])
    if target["name"] == UNASSIGNED:  # no page shows its ID
        return (
            f"`{own}` is what the config says of **Unassigned Devices**\n"
            "   (`[places.unassigned] customer-id`). If nobody has it from HP, stop, and upload nothing."
        )
    return (
        f"**Customers > {_plain(target['name'])} > Settings** (newer console: **Account**) **> Overview** shows the "
        f"Customer ID\n   `{own}`. If it does not, stop, and upload nothing."
    )


def _reversal(source: Mapping[str, Any], to: str, transfer: str, devices: str) -> str:
    back = f"Another transfer takes {devices} from {to} back to {_plain(source['name'])}"
    if source["customer_id"] is None:
        return (
            f"{back}, by the same clicks. It needs the Customer ID that stands for {_plain(source['name'])}, which the "
            "config\ndoes not know (`[places.unassigned] customer-id`): ask HP support."
        )
    return f"{back}: `wxp-lint revert {shlex.quote(transfer)}` makes its file, for review like any other."


def _plain(text: str) -> str:
    """`text` in Markdown as it stands, on one line."""
    return _MARKS.sub(r"\\\1", shown(text))


def _code(text: str) -> str:
    """`text` between backticks, in a table too."""
    return shown(text).replace("`", "'").replace("|", "\\|")
