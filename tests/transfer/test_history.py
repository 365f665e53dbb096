"""The life of a PC, out of real repositories."""

import io

import openpyxl
import pytest
from desks import ACME, sheet

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.ledger.open import open_ledger
from wxp_lint.report.history import FORMATS, reporter
from wxp_lint.report.style import Style
from wxp_lint.transfer.history import history

PATH = "transfers/acme/a.csv"
SERIAL = "5CG8230001"


def life(desk, serial=SERIAL):
    settings = Settings(root=desk.folder)
    log = open_ledger(settings).read()
    ledger = open_ledger(settings)
    return history(serial, ledger.transfers(log) if log else None, {}, settings)


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_from_git_alone_with_its_gaps_named(desk):
    desk.git("switch", "--quiet", "--create", "branch")
    desk.commit({PATH: sheet(1, 2), f"{PATH}.toml": 'ticket = "T-1"\nreason = "delivery"\n'})
    desk.git("switch", "--quiet", "main")
    message = "Merge pull request #12 from tester/branch\n\nReviewed-by: Kim Doe <kim@example.org>"
    desk.git("merge", "--quiet", "--no-ff", "--message", message, "branch")
    found = life(desk)

    (request,) = found.requests
    assert (request.path, request.ticket, request.reason) == (PATH, "T-1", "delivery")
    assert request.commit.author == "tester <tester@example.org>"
    assert (request.merge.number, request.merge.reviewers) == ("#12", ("Kim Doe <kim@example.org>",))
    assert found.entries == []
    assert found.gaps == ["no ledger: who uploaded it and what came of it is not recorded"]


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("New laptops (#7)", "#7"),
        ("Merged PR 8: laptops", "#8"),
        ("x\n\nSee merge request group/project!9", "!9"),
        ("laptops", None),
    ],
)
def test_the_pull_request_by_the_words_of_the_host(desk, subject, number):
    desk.write({PATH: sheet(1)})
    desk.git("add", "--all")
    desk.git("commit", "--quiet", "--message", subject)
    found = life(desk)

    assert found.requests[0].merge.number == number
    assert any("neither commit nor merge" in gap for gap in found.gaps) is (number is None)


def test_what_is_not_merged_is_said_to_be(desk):
    desk.git("switch", "--quiet", "--create", "branch")
    desk.commit({PATH: sheet(1)})
    found = life(desk)

    assert found.requests[0].merge is None
    assert any("is not merged into main" in gap for gap in found.gaps)


def test_each_time_that_it_was_put_into_a_file_and_no_other_change(desk):
    desk.commit({PATH: sheet(1, 2)})
    desk.commit({PATH: sheet(1, 2, 3)})
    desk.git("mv", PATH, "transfers/acme/b.csv")
    desk.commit({})
    desk.commit({"transfers/acme/b.csv": sheet(2)})
    desk.commit({"transfers/contoso/c.csv": sheet(1).replace(SERIAL, SERIAL.lower()), "notes.csv": sheet(1)})

    assert [request.path for request in life(desk).requests] == [PATH, "transfers/contoso/c.csv"]


def test_in_a_workbook(desk):
    path = "transfers/acme/book.xlsx"
    desk.commit({path: workbook(["Serial Number", "Customer ID"], ["5CG8230009", ACME])})
    desk.commit({path: workbook(["Serial Number", "Customer ID"], ["5CG8230009", ACME], [SERIAL, ACME])})
    found = life(desk)

    assert [request.path for request in found.requests] == [path]


def test_with_the_ledger(desk):
    desk.commit({PATH: sheet(1, 2)})
    name = desk.prepare(PATH)
    desk.tell(("taken", name, {"ticket": "T-1", "reason": "delivery"}), ("uploaded", name, {}))
    desk.tell(("partly_failed", name, {"devices": {SERIAL: "moved", "5CG8230002": "failed"}, "evidence": "export"}))
    found = life(desk)

    assert [(entry.kind, entry.by, entry.source, entry.target) for entry in found.entries] == [
        (kind, "kim", "Unassigned", "Acme") for kind in ("prepared", "taken", "uploaded", "partly_failed")
    ]
    assert (found.entries[-1].outcome, found.entries[-1].evidence) == ("moved", "export")
    said = [(entry.ticket, entry.reason) for entry in found.entries]
    assert said == [(None, None), ("T-1", "delivery"), (None, None), (None, None)]
    assert life(desk, "5CG8230002").entries[-1].outcome == "failed"
    assert not any("ledger" in gap for gap in found.gaps)


def test_replacements_are_told_of_both(desk):
    sidecar = f'reason = "replacement"\n[replaces]\n{SERIAL} = "5CG7000001"\n'
    desk.commit({PATH: sheet(1), f"{PATH}.toml": sidecar})

    assert life(desk).replacements == [(SERIAL, "5CG7000001", PATH)]
    assert life(desk, "5cg7000001").replacements == [(SERIAL, "5CG7000001", PATH)]


def test_a_near_miss_is_suggested(desk):
    desk.commit({PATH: sheet(1)})
    found = life(desk, "5CG8230O01")

    assert not found.is_known
    assert found.near == "; did you mean '5CG8230001'?"


def test_no_serial_number_is_refused(desk):
    with pytest.raises(UsageError, match="name a serial number"):
        life(desk, " ")


def test_no_format_is_hurt_by_what_people_type(desk):
    desk.commit({PATH: sheet(1)})
    name = desk.prepare(PATH)
    nasty = "<script>\x1b[31m\n::error::x"
    desk.tell(("reported", name, {"evidence": nasty, "how": "person", "devices": {}, "second": "https://u:pass@x/"}))
    found = life(desk)

    for form in FORMATS:
        text = reporter(form)(found, Style())
        assert "\x1b" not in text
        assert "\n::error::" not in text
    assert "<script>" not in reporter("html")(found, Style())
