"""Makes the data of the benchmarks: the same rows as CSV, JSON and XLSX, always the same bytes."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

CUSTOMER = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
HEADER = ("Serial Number", "Customer ID")
UNIQUE = "0123456789BCDFGHJKLMNPQRSTVWXYZ"


def serials(count: int, seed: int) -> list[str]:
    """`count` different serials in HP's form."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        tail = "".join(rng.choices(UNIQUE, k=4))
        found[f"{rng.choice(('5CG', '5CD', 'MXL', '8CC'))}{rng.randrange(10)}{rng.randrange(1, 54):02}{tail}"] = None
    return list(found)


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Device rows of one clean transfer file."""
    return ((serial, CUSTOMER) for serial in serials(count, seed))


def write_csv(path: Path, count: int, seed: int = 1) -> Path:
    """A clean transfer file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows(count, seed))
    return path


def write_json(path: Path, count: int, seed: int = 1) -> Path:
    """The same rows as JSON, for check-jsonschema, and the schema that says the same of them beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([dict(zip(HEADER, row)) for row in rows(count, seed)]))
    item = {
        "type": "object",
        "required": list(HEADER),
        "properties": {
            HEADER[0]: {"type": "string", "pattern": "^[A-Z0-9]{10}$"},
            HEADER[1]: {"type": "string", "format": "uuid"},
        },
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "items": item,
        "uniqueItems": True,
    }
    path.with_suffix(".schema.json").write_text(json.dumps(schema))
    return path


def write_xlsx(path: Path, count: int, seed: int = 1) -> Path:
    """The same rows as a workbook of text cells."""
    if not path.exists():
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("PCs")
        sheet.append(HEADER)
        for row in rows(count, seed):
            sheet.append(row)
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
    return path


def write_book(path: Path, table: Path) -> Path:
    """The rows of a CSV as a workbook of text cells."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Devices")
    with table.open(newline="") as rows:
        for row in csv.reader(rows):
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def write_inventory(path: Path, count: int, seed: int = 1) -> Path:
    """A console export in which every device of `write_csv(..., seed)` stands, among `count`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("Serial Number", "Device Name"))
            writer.writerows((serial, f"PC-{serial[-4:]}") for serial in serials(count, seed))
    return path


def write_fleet(path: Path, count: int, *, target: bool = False) -> Path:
    """A console export of `count` devices in HP's form, those of `write_csv(..., 200)` among them; with a `target`
    a transfer file. By DuckDB, since Python would take a minute for 10M."""
    if not path.exists():
        import duckdb

        path.parent.mkdir(parents=True, exist_ok=True)
        second = f", '{CUSTOMER}' as \"Customer ID\"" if target else ""
        con = duckdb.connect()
        con.execute("create macro letter(n) as substr($unique, (n % 31)::int + 1, 1)".replace("$unique", f"'{UNIQUE}'"))
        con.execute(f"create table wanted as select unnest({serials(200, 1)}) as serial")
        # A prime times the row's number, modulo all serials there are, gives each of them once.
        con.execute(
            f"""
            copy (
                select serial as "Serial Number" {second} from wanted
                union all
                select serial {second} from (
                    select ['5CG', '5CD', 'MXL', '8CC'][h % 4 + 1] || (h // 4) % 10
                        || lpad(((h // 40) % 53 + 1)::varchar, 2, '0') || letter(h // 2120) || letter(h // 65720)
                        || letter(h // 2037320) || letter(h // 63156920) as serial
                    from (select (n * 2654435761) % 1957864520 as h from range({count}) r(n))
                ) anti join wanted using (serial)
                limit {count}
            ) to '{path}' (header)
            """
        )
        con.close()
    return path


def write_repo(folder: Path, files: int, rows_each: int) -> Path:
    """`files` transfer files without a serial in common."""
    if not folder.exists():
        every = serials(files * rows_each, 7)
        for n in range(files):
            path = folder / f"transfers/customer-{n % 50:02}/{n:05}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(HEADER)
                writer.writerows((serial, CUSTOMER) for serial in every[n * rows_each : (n + 1) * rows_each])
    return folder
