"""A ledger as a file: one header line, then its events as they are stored everywhere."""

import json

from wxp_lint.ledger.events import BadLog, Log, parse
from wxp_lint.ledger.protocol import Damaged

FORMAT = "wxp-lint-ledger"
VERSION = 1


def dump(log: Log) -> bytes:
    """JSON Lines: what `load` reads."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "id": log.id,
        "events": len(log.lines),
        "hash": log.head.hash,
    }
    return "\n".join([json.dumps(header), *log.lines, ""]).encode()


def load(data: bytes, name: str) -> Log:
    """The log in an exported file that messages call `name`; each event's hash is looked at. Raises Damaged."""
    lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        header = json.loads(lines[0]) if lines else None
        is_ours = isinstance(header, dict) and header.get("format") == FORMAT
    except (ValueError, RecursionError):
        header, is_ours = None, False
    if not is_ours or not isinstance(header, dict):
        raise Damaged(f"{name} is no exported ledger: give a file that wxp-lint ledger export has written")
    if header.get("version") != VERSION:
        raise Damaged(f"{name} has version {header.get('version')}, this wxp-lint knows {VERSION}: update wxp-lint")
    try:
        log = parse(lines[1:])
    except BadLog as error:
        raise Damaged(f"{name} is damaged: {error}; export it again") from None
    if (log.id, len(log.lines), log.head.hash) != (header.get("id"), header.get("events"), header.get("hash")):
        raise Damaged(f"{name} is damaged: its events are not those that its first line speaks of; export it again")
    return log
