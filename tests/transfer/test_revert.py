import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import ACME, CONTOSO, DAY, PLACES, UNASSIGNED, described, known, uploaded

from wxp_lint.config.settings import Settings
from wxp_lint.errors import UsageError
from wxp_lint.prepare.targets import Target, Targets
from wxp_lint.transfer.listings import Listing
from wxp_lint.transfer.revert import plan_reversal, undone

A, B, C = "5CG8230001", "5CG8230002", "5CG8230003"
LATER = DAY + timedelta(days=1)


def targets(unassigned=""):
    return Targets(
        PLACES,
        {
            "": Target("", unassigned, "Unassigned", "unassigned"),
            "ACME-ID": Target("ACME-ID", "acme-id", "Acme", "acme"),
            "CONTOSO-ID": Target("CONTOSO-ID", "contoso-id", "Contoso", "contoso"),
        },
        True,
    )


def moved(name, serials, to=ACME, source=UNASSIGNED, **outcome):
    devices = {**dict.fromkeys(serials, "moved"), **outcome}
    kind = "confirmed" if set(devices.values()) == {"moved"} else "partly_failed"
    return [*uploaded(name, serials, to, source), (kind, name, {"devices": devices, "how": "export"})]


def reversal(ledger, name="t-1", listed=None, unassigned="", **more):
    return plan_reversal(ledger[name], ledger, listed or {}, targets(unassigned), Settings(root=Path()), **more)


def test_a_transfer_file_for_the_way_back():
    (file,) = reversal(known(*moved("t-1", [A, B], CONTOSO, ACME)), ticket="T-1").files

    assert file.file.path == "transfers/acme/revert-t-1.csv"
    assert file.file.text == f"Serial Number,Customer ID\n{A},acme-id\n{B},acme-id\n"
    assert file.sidecar.path == "transfers/acme/revert-t-1.csv.toml"
    said = tomllib.loads(file.sidecar.text)
    assert said == {"source": "CONTOSO-ID", "reason": "correction", "ticket": "T-1"}
    assert file.sidecar.text.startswith("# undoes t-1 (transfers/contoso/5CG8230001.csv)")


def test_in_another_folder():
    ledger = known(*moved("t-1", [A], CONTOSO, ACME))

    assert reversal(ledger, folder="transfers/urgent").files[0].file.path == "transfers/urgent/revert-t-1.csv"


def test_back_to_unassigned_needs_its_customer_id():
    ledger = known(*moved("t-1", [A]))

    with pytest.raises(UsageError, match="ask HP support"):
        reversal(ledger)
    (file,) = reversal(ledger, unassigned="u-id").files
    assert file.file.path == "transfers/unassigned/revert-t-1.csv"
    assert f"{A},u-id\n" in file.file.text


def test_a_customer_whom_nobody_knows_any_more_is_refused():
    ledger = known(*moved("t-1", [A], ACME, ("Gone Ltd", None)))

    with pytest.raises(UsageError, match="Gone Ltd, and neither the ledger nor the registry"):
        reversal(ledger)


def test_what_failed_moved_on_or_is_under_way_is_left_out_and_it_is_said_why():
    third = "5CG8230004"
    ledger = known(
        *moved("t-1", [A, B, C, third, "5CG8230005"], CONTOSO, ACME, **{B: "failed"}),
        *moved("t-2", [C], UNASSIGNED, CONTOSO),
        ("prepared", "t-3", described([third], UNASSIGNED, CONTOSO)),
    )
    listed = {"5CG8230005": [Listing(PLACES.words["ACME"], "acme.csv", LATER)]}
    found = reversal(ledger, listed=listed)

    assert [file.serials for file in found.files] == [(A,)]
    assert {each.serial: each.why for each in found.skipped} == {
        B: "it never moved",
        C: "moved since: t-2 put it into Unassigned",
        third: "under way: t-3 is to put it into Unassigned",
        "5CG8230005": f"moved since: acme.csv of {LATER} has it in Acme",
    }


def test_a_list_of_the_day_of_the_move_or_before_does_not_count():
    ledger = known(*moved("t-1", [A], CONTOSO, ACME))

    for day in (DAY, DAY - timedelta(days=3), None):
        listed = {A: [Listing(PLACES.words["ACME"], "acme.csv", day)]}
        assert reversal(ledger, listed=listed).files[0].serials == (A,)


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ([("prepared", "t-1", described([A]))], "there is nothing to undo"),
        (uploaded("t-1", [A]), "not known whether it moved"),
        ([*uploaded("t-1", [A]), ("failed", "t-1", {"devices": {A: "failed"}})], "it never moved"),
    ],
)
def test_what_did_not_move_is_not_undone(told, match):
    with pytest.raises(UsageError, match=match):
        reversal(known(*told), unassigned="u-id")


def test_a_transfer_is_undone_once_all_its_pcs_have_left_and_one_by_a_correction():
    first = moved("t-1", [A, B], CONTOSO, ACME)
    back = uploaded("t-2", [A], ACME, CONTOSO, reason="correction")
    told = ("confirmed", "t-2", {"devices": {A: "moved"}, "how": "export"})
    elsewhere = moved("t-3", [B], UNASSIGNED, CONTOSO)

    assert undone(known(*first, *back), PLACES) == []
    assert undone(known(*first, *back, told), PLACES) == []
    assert [draft.transfer for draft in undone(known(*first, *back, told, *elsewhere), PLACES)] == ["t-1"]
    assert undone(known(*first, *elsewhere, *moved("t-4", [A], UNASSIGNED, CONTOSO)), PLACES) == []
