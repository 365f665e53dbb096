"""The file that is uploaded, and what the ledger holds of a transfer, of which that file is made."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

HEADER = "Serial Number,Customer ID"


def record(
    *,
    path: str,
    digest: str,
    sheet: str,
    target: Mapping[str, str | None],
    source: Mapping[str, str | None],
    serials: Sequence[str],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """What the ledger holds of a transfer from its first event on; `upload` is the hash of the upload file."""
    found = {
        **more,
        "path": path,
        "digest": digest,
        "sheet": sheet,
        "target": dict(target),
        "source": dict(source),
        "serials": list(serials),
    }
    return {**found, "upload": sha256(upload_file(found)).hexdigest()}


def upload_file(data: Mapping[str, Any]) -> bytes:
    """The upload file: UTF-8 without BOM, a header, columns A and B, a line feed after every line, no quotes."""
    customer = data["target"]["customer_id"]
    return "".join(f"{line}\n" for line in (HEADER, *(f"{serial},{customer}" for serial in data["serials"]))).encode()
