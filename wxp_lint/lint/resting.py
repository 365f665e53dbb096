"""Which lists of devices a run's answers rest on, in words."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from wxp_lint.facts.devices import Told, Used
from wxp_lint.repo.history import committed

MOST = 3  # lists that are told one by one


def resting(told: Told, today: date) -> str | None:
    """`inventory: 198 devices of Unassigned (inventory/unassigned.csv, 2026-11-20, 4 days old)`, None without one."""
    if not told.used:
        return None
    if len(told.used) <= MOST:
        each = (f"{_devices(one)} ({one.name}, {_age(one.day, today)})" for one in told.used)
        return f"inventory: {', '.join(each)}"
    oldest = min(told.used, key=lambda one: one.day or date.min)
    count = sum(devices for one in told.used for _, devices in one.places)
    age = _age(oldest.day, today)
    lists = len({one.name for one in told.used})
    return (
        f"inventory: {_counted(count)} in {lists:,} list{'' if lists == 1 else 's'}, the oldest {oldest.name} ({age})"
    )


def aged(told: Told, root: Path, revision: str | None) -> Told:
    """`told` with the days of last commits that nobody has asked git for yet."""
    paths = [one.commit_path for one in told.used if one.commit_path and one.day is None]
    if not paths:
        return told
    days = committed(root, paths, revision)
    used = (one._replace(day=one.day or days.get(one.commit_path or "")) for one in told.used)
    return told._replace(used=tuple(used))


def synced(told: Told, today: date) -> Iterator[str]:
    """What to tell of a snapshot that stands in for lists."""
    if told.snapshot:
        day, devices, beside = told.snapshot
        age = (today - day).days
        old = "today" if age == 0 else f"{age:,} day{'' if age == 1 else 's'} old"
        lists = f"; {beside:,} of the lists not from it, new or changed since: wxp-lint inventory sync"
        yield f"inventory: the snapshot of {day} ({old}), {_counted(devices)}{lists if beside else ''}"


def unlisted(told: Told) -> Iterator[str]:
    """What to tell of customers whose devices cannot be in any list."""
    if told.unlisted:
        yield f"no export of {_joined(told.unlisted)}: PCs there look as if they were not visible"


def _devices(one: Used) -> str:
    count = sum(devices for _, devices in one.places)
    if not count:
        return "none of these PCs"
    return f"{_counted(count)}{f' of {_joined([place for place, _ in one.places])}' if one.places else ''}"


def _counted(count: int) -> str:
    return "no device" if not count else f"{count:,} device{'' if count == 1 else 's'}"


def _joined(names: Sequence[str]) -> str:
    """At most three of `names`, and how many more."""
    more = len(names) - MOST
    if more > 0:
        return f"{', '.join(names[:MOST])} and {more:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _age(day: date | None, today: date) -> str:
    if day is None:
        return "of unknown age"
    days = (today - day).days
    if days <= 0:
        return f"{day}, today" if days == 0 else f"{day}"
    return f"{day}, {days:,} day{'' if days == 1 else 's'} old"
