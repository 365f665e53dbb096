"""What a large workbook held, so that it is read once: a Parquet file in the user's cache folder, by content."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from wxp_lint.config import cache
from wxp_lint.config.settings import InventorySource
from wxp_lint.database import Connection, is_refusal
from wxp_lint.inventory.devices import Asked, Devices, fresh

_KIND = "inventory"


def recall(
    con: Connection, name: str, data: bytes, source: InventorySource, asked: Asked, again: Callable[[], Devices]
) -> Devices | None:
    """What `keep` has remembered of the list `name`, whose content is `data`. `again` reads the list itself."""
    place = cache.entry(_KIND, _digest(data, source, asked), asked.remember)
    if place is None:
        return None
    (path,) = fresh("path")
    parameters = {path: str(place)}
    try:
        described = con.execute(f"describe from read_parquet(${path})", parameters).fetchall()
    except Exception as error:
        if not is_refusal(error):
            raise
        return None
    return Devices(name, tuple(row[0] for row in described), f"from read_parquet(${path})", parameters, again)


def keep(con: Connection, devices: Devices, data: bytes, source: InventorySource, asked: Asked) -> Devices:
    """Remembers `devices`, which are read from `data`, and hands them on."""
    with TemporaryDirectory(prefix="wxp-lint-") as folder:
        draft = Path(folder, "devices.parquet")
        con.execute(f"copy ({devices.relation}) to '{str(draft).replace(chr(39), chr(39) * 2)}' (format parquet)")
        cache.remember(_KIND, _digest(data, source, asked), draft.read_bytes(), asked.remember)
    return devices


def _digest(data: bytes, source: InventorySource, asked: Asked) -> str:
    meant = json.dumps([sorted(source.columns.items()), sorted(asked.personal)])
    return cache.digest(data, meant.encode())
