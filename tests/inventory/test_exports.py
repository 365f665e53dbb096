import contextlib
from datetime import date

import pytest
from openpyxl import Workbook

from wxp_lint.config.settings import InventorySource
from wxp_lint.database import connect, is_refusal
from wxp_lint.errors import UsageError
from wxp_lint.files.model import Source
from wxp_lint.inventory.ages import day_in
from wxp_lint.inventory.devices import PERSONAL, Asked
from wxp_lint.inventory.exports import expand, open_export

REPORT = "companyName,lastSignedinUser,deviceName,serialNumber,lastSeen\n"


def devices(path, columns=None, content=None):
    """The rows of a list, each as a dict of the columns that it has; and whether DuckDB read it by itself."""
    con = connect()
    source = InventorySource(path=path.name, columns=columns or {})
    with contextlib.ExitStack() as opened:
        found = open_export(con, source, Source(path.name, path, content), path.parent, opened, Asked(None, PERSONAL))
        quick = found.otherwise is not None
        try:
            rows = con.execute(f"from ({found.relation})", dict(found.parameters)).fetchall()
        except Exception as error:
            if found.otherwise is None or not is_refusal(error):
                raise
            quick, found = False, found.otherwise()
            rows = con.execute(f"from ({found.relation})", dict(found.parameters)).fetchall()
    con.close()
    return [dict(zip(found.fields, row)) for row in rows], quick


def serials(path, **given):
    return [row["serial"] for row in devices(path, **given)[0]]


@pytest.fixture
def lay(tmp_path):
    def write(data, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


def test_a_report_of_the_console(lay):
    path = lay(REPORT + "Contoso,jo@contoso.example,PC-1,5CG8234XMV,2026-11-03T10:00:00Z\n")
    assert devices(path) == (
        [
            {
                "serial": "5CG8234XMV",
                "customer": "Contoso",
                "device_name": "PC-1",
                "last_user": "jo@contoso.example",
                "last_seen": "2026-11-03T10:00:00Z",
            }
        ],
        True,
    )


TWO = ["5CG8234XMV", "SGH327SZYD"]


@pytest.mark.parametrize(
    ("data", "how"),
    [
        ("Serial Number\n5CG8234XMV\nSGH327SZYD\n", "by DuckDB itself"),
        ("Serial Number\n5CG8234XMV\nSGH327SZYD", "by DuckDB itself"),
        ("5CG8234XMV\nSGH327SZYD\n", "by DuckDB itself"),
        ("Serial Number\r\n5CG8234XMV\r\nSGH327SZYD\r\n", "by DuckDB itself"),
        ("\ufeffSerial Number,Name\n5CG8234XMV,a\nSGH327SZYD,b\n", "by DuckDB itself"),
        ("Seriennummer;Gerätename\n5CG8234XMV;a\nSGH327SZYD;b\n", "by DuckDB itself"),
        ("Name\tS/N\na\t5CG8234XMV\nb\tSGH327SZYD\n", "by DuckDB itself"),
        ('"Name","SN"\n"a, b","5CG8234XMV"\n"15"" PC","SGH327SZYD"\n', "by DuckDB itself"),
        ("Name,SN\na,5CG8234XMV\nb,SGH327SZYD,more,and more\n", "by DuckDB itself"),
        ('Name,SN\n"two\nlines",5CG8234XMV\nb,SGH327SZYD\n', "at any price"),
        ('Name,SN\n"a" b,5CG8234XMV\nb,SGH327SZYD\n', "at any price"),
        ("Name,SN\na,5CG8234XMV\r\nb,SGH327SZYD\n", "at any price"),
        ("SN\r5CG8234XMV\rSGH327SZYD\r", "at any price"),
        ("Name,SN\nMüller,5CG8234XMV\nb,SGH327SZYD\n".encode("cp1252"), "at any price"),
        ("SN,Name\n5CG8234XMV,a\nSGH327SZYD,b\n".encode("utf-16"), "at any price"),
        ("Devices of June\n\nSN,Name\n5CG8234XMV,a\nSGH327SZYD,b\n", "by DuckDB itself"),
    ],
)
def test_any_csv(lay, data, how):
    found, quick = devices(lay(data))
    assert [row["serial"] for row in found] == TWO
    assert quick or how == "at any price"


def test_short_rows_and_blank_lines(lay):
    path = lay("Name,Serial\nx,5CG8234XMV\ny\n\n,SGH327SZYD\n")
    assert [serial for serial in serials(path) if serial] == TWO


def test_what_turns_up_late_is_read_all_the_same(lay):
    rows = "".join(f"5CG{n:07},PC\n" for n in range(10_000))
    path = lay("SN,Name\n" + rows + '5CG8234XMV,"two\nlines"\n')
    found, _ = devices(path)
    assert (len(found), found[-1]) == (10_001, {"serial": "5CG8234XMV", "device_name": "two\nlines"})


def test_the_content_of_another_revision(lay):
    path = lay("SN\nSGH327SZYD\n")
    assert serials(path, content=b"SN\n5CG8234XMV\n") == ["5CG8234XMV"]


def test_a_workbook(tmp_path):
    book = Workbook()
    for row in [["Exported", "2026-11-03"], ["Name", "Serial Number", "Customer ID"], ["a", "5CG8234XMV", "x"]]:
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert devices(tmp_path / "list.xlsx")[0] == [
        {"serial": "5CG8234XMV", "customer": "x", "device_name": "a"},
    ]


def test_parquet(tmp_path):
    path = tmp_path / "list.parquet"
    con = connect()
    con.execute(
        f"""copy (select '5CG8234XMV' as "Serial", 7 as customer_id, date '2026-11-03' as "as of") to '{path}'"""
    )
    assert devices(path)[0] == [{"serial": "5CG8234XMV", "customer": "7", "as_of": "2026-11-03"}]


def test_an_id_tells_more_than_a_name(lay):
    path = lay("Company Name,Serial,Tenant ID\nContoso,5CG8234XMV,42\n")
    assert devices(path)[0][0]["customer"] == "42"


def test_columns_that_the_config_names(lay):
    path = lay("SN,Asset,Where\nx,5CG8234XMV,Contoso\n")
    found, _ = devices(path, {"serial": "asset", "customer": "WHERE"})
    assert found == [{"serial": "5CG8234XMV", "customer": "Contoso"}]


@pytest.mark.parametrize(
    ("data", "columns", "words"),
    [
        ("Asset,Model\nA-1,G9\n", {}, "there is no column with serial numbers among Asset, Model: name it"),
        ("", {}, "there is no column with serial numbers, the file is empty: export it again"),
        ("SN,Model\n1,G9\n", {"serial": "S/N"}, "there is no column 'S/N' among SN, Model"),
        ("SN,Model\n1,G9\n", {"last-user": "User"}, "there is no column 'User', which the config names"),
        ("SN,Device Serial Number\n1,2\n", {}, "'SN' and 'Device Serial Number' may both be the serial number"),
        ("SN\n5CG8234XMV\0\n", {}, "holds a NUL byte"),
        ('SN,Name\n5CG8234XMV,"never closed\n', {}, "list.csv:2: a quote that is never closed"),
        (b"PK\x03\x04", {}, "workbook"),
    ],
)
def test_lists_that_cannot_be_read(lay, data, columns, words):
    path = lay(data)
    with pytest.raises(UsageError) as caught:
        devices(path, columns)
    assert words in str(caught.value)
    assert "list.csv" in str(caught.value)


def test_what_may_be_a_user_is_not_repeated(lay):
    path = lay("jo@contoso.example,Asset,PC-0815\n")
    with pytest.raises(UsageError) as caught:
        devices(path)
    assert "Asset" in str(caught.value)
    assert "jo" not in str(caught.value)
    assert "0815" not in str(caught.value)


def test_no_parquet(lay):
    with pytest.raises(UsageError, match="no Parquet"):
        devices(lay("SN\n1\n", "list.parquet"))


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_a_link_out_of_the_repository(lay, tmp_path, name):
    lay("SN\n5CG8234XMV\n", "secret")
    inside = tmp_path / "repo"
    inside.mkdir()
    (inside / name).symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="leads out of the repository"):
        devices(inside / name)


def test_a_folder_a_glob_and_a_single_file(lay, tmp_path):
    for name in ("b.csv", "a.XLSX", "notes.txt", "~$a.xlsx", "c.parquet"):
        lay("", name)

    def found(path):
        return [file.name for file in expand(InventorySource(path=path), tmp_path)]

    assert found(".") == ["a.XLSX", "b.csv", "c.parquet"]
    assert found("*.[cp]*") == ["b.csv", "c.parquet"]
    assert found("notes.txt") == ["notes.txt"]
    assert found("absent.csv") == []
    assert found(str(tmp_path / "?.csv")) == ["b.csv"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("unassigned-2026-11-03.csv", date(2026, 11, 3)),
        ("20261103_unassigned.csv", date(2026, 11, 3)),
        ("list 2026_11_03.csv", date(2026, 11, 3)),
        ("2026.11.03.csv", date(2026, 11, 3)),
        ("from-2026-10-01-to-2026-11-03.csv", date(2026, 11, 3)),
        ("list-2026-02-30.csv", None),
        ("list-2026-1103.csv", None),
        ("120261103.csv", None),
        ("list.csv", None),
    ],
)
def test_the_day_in_a_name(name, day):
    assert day_in(name) == day
