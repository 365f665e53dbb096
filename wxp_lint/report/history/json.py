"""A PC's life for programs (DESIGN 9, "Shapes")."""

import json
from datetime import UTC, datetime

from wxp_lint.report.style import Style
from wxp_lint.transfer.history import Entry, History, Request


def render(history: History, style: Style) -> str:
    """Version 1. `events` are the ledger's; `requests` what git knows; `gaps` what nobody knows."""
    told = {
        "version": 1,
        "serial": history.serial,
        "events": [_event(entry) for entry in history.entries],
        "requests": [_request(request) for request in history.requests],
        "replacements": [one._asdict() for one in history.replacements],
        "gaps": list(history.gaps),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _event(one: Entry) -> dict[str, object]:
    return {
        "at": _moment(one.at),
        "kind": one.kind,
        "transfer": one.transfer,
        "by": one.by,
        "from": one.source,
        "to": one.target,
        "evidence": one.evidence,
        "outcome": one.outcome,
        "by_origin": one.origin,
        "second": one.second,
        "path": one.path,
        "ticket": one.ticket,
        "reason": one.reason,
        "commit": one.commit,
        "run": one.run,
    }


def _request(one: Request) -> dict[str, object]:
    merge = one.merge
    return {
        "at": _moment(one.commit.at),
        "by": one.commit.author,
        "commit": one.commit.id,
        "path": one.path,
        "ticket": one.ticket,
        "reason": one.reason,
        "merged": merge
        and {"commit": merge.id, "by": merge.author, "at": _moment(merge.at), "pull_request": merge.number},
        "reviewed_by": list(dict.fromkeys((*(merge.reviewers if merge else ()), *one.commit.reviewers))),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
