"""The outbox: a folder a transfer, from which a person uploads by hand.

All files in it are made of what the ledger holds alone, so that they can be made again anywhere, byte by byte.
"""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.ledger.states import Transfer
from wxp_lint.repo.glob import matcher
from wxp_lint.transfer.failpoint import failpoint
from wxp_lint.transfer.submit.protocol import Abilities
from wxp_lint.transfer.submit.runbook import runbook
from wxp_lint.transfer.submit.upload import upload_file
from wxp_lint.transfer.workspace import FOLDER

UPLOAD, RUNBOOK, DATA = "upload.csv", "RUNBOOK.md", "transfer.json"
_LEFT_BEHIND = 3600  # seconds after which nobody is still building a folder


class Outbox:
    """The folder that the config names, and beside it the one for what is not finished."""

    can = Abilities(idempotent=True, reference=False, poll=False)

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        self.name = settings.apply.outbox.rstrip("/")
        self.folder = settings.root / self.name
        if matcher(settings.transfers)(f"{self.name}/t-0/{UPLOAD}"):
            raise UsageError(
                f"[apply] outbox {self.name} lies where transfer files are looked for: name a folder that no glob of "
                "`transfers` matches"
            )
        parent = self.folder.parent
        own = self.folder.resolve().is_relative_to((settings.root / FOLDER).resolve())
        self._staging = parent / "staging" if own else parent / f".{self.folder.name}-staging"

    def place(self, transfer: str) -> Path:
        """Where the folder of a transfer is, or would be."""
        return self.folder / transfer

    def shown(self, transfer: str, cwd: Path) -> str:
        """That place, as a person in the folder `cwd` would type it."""
        place = self.place(transfer).resolve()
        try:
            return Path(os.path.relpath(place, cwd.resolve())).as_posix()
        except ValueError:  # another drive
            return place.as_posix()

    def holds(self, transfer: str, files: Mapping[str, bytes]) -> bool | None:
        """Whether these files are there as they should be; None if there is no folder."""
        place = self.place(transfer)
        if not place.is_dir():
            return None
        try:
            return all((place / name).read_bytes() == data for name, data in files.items())
        except OSError:
            return False

    def stage(self, transfer: str, files: Mapping[str, bytes]) -> Path:
        """Builds the folder aside, synced to the disk. Raises OSError."""
        self._staging.mkdir(parents=True, exist_ok=True)
        self._sweep()
        draft = self._staging / f"{transfer}.{os.getpid()}.{os.urandom(4).hex()}"
        draft.mkdir()
        for name, data in files.items():
            with (draft / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            failpoint("during-staging")
        _sync(draft)
        return draft

    def publish(self, transfer: str, draft: Path, files: Mapping[str, bytes]) -> None:
        """Moves a staged folder to its place, whole. Raises OSError.

        If another run on this clone was quicker its folder stays: it holds the same.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.place(transfer)
        for _ in range(3):
            if self.holds(transfer, files):
                return discard(draft)
            if os.path.lexists(place):
                old = draft.with_name(f"{draft.name}.old")
                try:
                    place.rename(old)
                except FileNotFoundError:
                    continue
                discard(old)
            try:
                draft.rename(place)
            except OSError:
                if not os.path.lexists(place):
                    raise
                continue
            _sync(self.folder)
            return
        discard(draft)

    def _sweep(self) -> None:
        """Clears away what runs that died left half built."""
        for draft in self._staging.iterdir():
            try:
                if time.time() - draft.stat().st_mtime > _LEFT_BEHIND:
                    discard(draft)
            except FileNotFoundError:
                continue


def contents(transfer: str, data: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a transfer's folder, made of its id and of what the ledger holds."""
    about = {"version": 1, "id": transfer, "file": UPLOAD, **data}
    text = json.dumps(about, indent=1, sort_keys=True, ensure_ascii=False)
    return {
        UPLOAD: upload_file(data),
        RUNBOOK: runbook(transfer, data, UPLOAD).encode("utf-8", "backslashreplace"),
        DATA: f"{text}\n".encode("utf-8", "backslashreplace"),
    }


def recorded(transfer: Transfer) -> Mapping[str, Any] | None:
    """What the ledger holds of a transfer that was prepared; None if it was not."""
    found = next((step.data for step in transfer.steps if step.kind == "prepared"), None)
    return found if found and {"target", "source", "serials", "upload"} <= found.keys() else None


def discard(draft: Path) -> None:
    """Deletes a folder that nobody needs; what cannot be deleted stays for the next run."""
    from shutil import rmtree

    rmtree(draft, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Sees to it that the names in a folder outlive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
