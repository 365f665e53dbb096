"""What evidence proves, and what it does not."""

from datetime import date, timedelta

import pytest
from ledgers import ACME, CONTOSO, DAY, NOON, PLACES, UNASSIGNED, described, export, known, summary, uploaded

from wxp_lint.errors import UsageError
from wxp_lint.transfer.outcome import after
from wxp_lint.transfer.reconcile import reconcile

A, B, C = "5CG8230001", "5CG8230002", "5CG8230003"
LATER = DAY + timedelta(days=1)
NOW = NOON + timedelta(days=2)


def judged(ledger, *exports, summaries=(), trust="unknown", only=None):
    return reconcile(ledger, exports, summaries, trust=trust, places=PLACES, now=NOW, only=only)


def outcome(ledger, *exports, name="t-1", **more):
    """The state and the outcome once the evidence is told."""
    found = judged(ledger, *exports, **more)
    one = after(ledger, found.drafts, NOW)[name]
    return one.state, dict(one.outcome)


def remarks(ledger, *exports, **more):
    found = judged(ledger, *exports, **more)
    return " ".join([*(remark for verdict in found.verdicts for remark in verdict.remarks), *found.notes])


@pytest.mark.parametrize(
    ("exports", "state", "expected"),
    [
        # A list of the target that has them all.
        ([export("a", LATER, acme=[A, B, C])], "confirmed", "mmm"),
        # Of the very day: the target could not have them before.
        ([export("a", DAY, acme=[A, B, C])], "confirmed", "mmm"),
        # Not in the target proves nothing by itself.
        ([export("a", LATER, acme=[A, B])], "reported", "mmu"),
        # Still in the source, by a list that shows that the upload had been done.
        ([export("a", DAY, acme=[A, B]), export("u", DAY, unassigned=[C])], "partly_failed", "mmf"),
        ([export("all", DAY, acme=[A, B], unassigned=[C])], "partly_failed", "mmf"),
        # A list of the source of the very day that still has all of them may be of before the upload.
        ([export("a", DAY, acme=[]), export("u", DAY, unassigned=[A, B, C])], "uploaded", "uuu"),
        ([export("a", LATER, acme=[]), export("u", LATER, unassigned=[A, B, C])], "failed", "fff"),
        # Without one of the target that may be a move that is under way.
        ([export("u", LATER, unassigned=[A, B, C])], "uploaded", "uuu"),
        # Older than the upload, or of unknown age.
        ([export("a", DAY - timedelta(days=1), acme=[A, B, C])], "uploaded", "uuu"),
        ([export("a", None, acme=[A, B, C])], "uploaded", "uuu"),
        # In a third place.
        ([export("all", LATER, acme=[A, B], contoso=[C])], "reported", "mmu"),
        # Later in the source again.
        ([export("a", DAY, acme=[A, B, C]), export("u", LATER, unassigned=[C])], "partly_failed", "mmf"),
        # In two places by one list.
        ([export("all", LATER, acme=[A, B, C], unassigned=[C])], "reported", "mmu"),
        # Of other places.
        ([export("c", LATER, contoso=[A])], "uploaded", "uuu"),
    ],
)
def test_exports(exports, state, expected):
    words = {"m": "moved", "f": "failed", "u": "unknown"}
    wanted = {serial: words[letter] for serial, letter in zip((A, B, C), expected)}

    assert outcome(known(*uploaded("t-1", [A, B, C])), *exports) == (state, wanted)


def test_the_same_evidence_again_tells_nothing():
    ledger = known(*uploaded("t-1", [A, B, C]))
    exports = [export("a", DAY, acme=[A, B]), export("u", DAY, unassigned=[C])]
    ledger = after(ledger, judged(ledger, *exports[:1]).drafts, NOW)
    assert judged(ledger, *exports[:1]).drafts == ()
    ledger = after(ledger, judged(ledger, *exports).drafts, NOW)

    assert judged(ledger, *exports).drafts == ()
    assert judged(ledger, summaries=[summary(**{A: "moved"})], trust="all").drafts == ()


def test_evidence_may_come_bit_by_bit():
    ledger = known(*uploaded("t-1", [A, B, C]))
    ledger = after(ledger, judged(ledger, export("a", DAY, acme=[A, B])).drafts, NOW)

    assert outcome(ledger, export("u", DAY, unassigned=[C]))[0] == "partly_failed"


def test_a_person_who_uploads_and_says_nothing_is_found_out_but_nothing_failed_then():
    ledger = known(("prepared", "t-1", described([A, B])))

    assert outcome(ledger, export("a", LATER, acme=[A, B]))[0] == "confirmed"
    assert outcome(ledger, export("a", LATER, acme=[]), export("u", LATER, unassigned=[A, B]))[0] == "prepared"


def test_what_is_in_doubt_is_settled_by_an_export():
    ledger = known(*uploaded("t-1", [A]), ("in_doubt", "t-1", {}))

    assert outcome(ledger, export("a", LATER, acme=[A]))[0] == "confirmed"


def test_a_pc_that_was_in_the_target_on_that_day_before_proves_nothing_unless_the_list_was_saved_later():
    ledger = known(
        ("prepared", "t-0", described([A], CONTOSO, ACME)),
        ("confirmed", "t-0", {"devices": {A: "moved"}, "how": "export"}),
        *uploaded("t-1", [A], ACME, CONTOSO),
    )

    assert outcome(ledger, export("a", DAY, acme=[A]))[0] == "uploaded"
    assert "proves nothing" in remarks(ledger, export("a", DAY, acme=[A]))
    assert outcome(ledger, export("a", DAY, acme=[A], made=NOON))[0] == "uploaded"
    assert outcome(ledger, export("a", DAY, acme=[A], made=NOW))[0] == "confirmed"


def test_what_a_later_transfer_moved_is_not_the_earlier_ones():
    ledger = known(
        *uploaded("t-1", [A, B]),
        ("partly_failed", "t-1", {"devices": {A: "moved", B: "failed"}, "how": "export"}),
        *uploaded("t-2", [B]),
    )
    told = after(ledger, judged(ledger, export("a", LATER, acme=[A, B])).drafts, NOW)

    assert (told["t-1"].state, told["t-2"].state) == ("partly_failed", "confirmed")


def test_words_about_lists_that_prove_nothing():
    ledger = known(*uploaded("t-1", [A, B]))

    assert "older than the upload of 2026-11-10" in remarks(ledger, export("a", date(2026, 11, 1), acme=[A]))
    assert "say --on DAY" in remarks(ledger, export("a", None, acme=[A]))
    assert "give an export of Unassigned too" in remarks(ledger, export("a", LATER, acme=[A]))
    assert f"{B} is listed in Contoso" in remarks(ledger, export("a", LATER, acme=[A], contoso=[B]))
    assert "no transfer waits" in remarks(ledger, export("c", LATER, contoso=[A]))


@pytest.mark.parametrize(
    ("trust", "said", "state", "expected"),
    [
        ("all", {A: "moved", B: "moved"}, "confirmed", ["moved", "moved"]),
        ("all", {A: "moved", B: "failed"}, "partly_failed", ["moved", "failed"]),
        ("all", {A: "failed", B: "failed"}, "failed", ["failed", "failed"]),
        ("all", {A: "moved"}, "reported", ["moved", "unknown"]),
        ("all", {A: "moved", B: "unknown"}, "reported", ["moved", "unknown"]),
        ("all", {A: "moved", B: "moved", C: "moved"}, "confirmed", ["moved", "moved"]),
        ("errors", {B: "failed"}, "reported", ["unknown", "failed"]),
        ("errors", {A: "moved", B: "failed"}, "reported", ["unknown", "failed"]),
        ("errors", {A: "failed", B: "failed"}, "failed", ["failed", "failed"]),
        ("counts", {A: "moved", B: "moved"}, "reported", ["unknown", "unknown"]),
        ("unknown", {A: "moved", B: "moved"}, "reported", ["unknown", "unknown"]),
    ],
)
def test_a_summary_proves_no_more_than_it_is_trusted_for(trust, said, state, expected):
    ledger = known(*uploaded("t-1", [A, B]))
    one = summary(**said)
    found = outcome(ledger, summaries=[one], trust=trust)
    told = after(ledger, judged(ledger, summaries=[one], trust=trust).drafts, NOW)

    assert found == (state, dict(zip((A, B), expected)))
    assert judged(told, summaries=[one], trust=trust).drafts == ()


def test_what_a_trusted_summary_does_not_say_plainly_is_told():
    ledger = known(*uploaded("t-1", [A, B, C]))
    one = summary(**{A: "moved", B: "unknown"})

    told = remarks(ledger, summaries=[one], trust="all")
    assert f"what s.csv says of these is not understood: {B}" in told
    assert f"not in s.csv, so unknown: {C}" in told
    for trust in ("errors", "counts", "unknown"):
        assert "not understood" not in remarks(ledger, summaries=[one], trust=trust)


def test_counts_are_kept_and_confirm_nothing():
    ledger = known(*uploaded("t-1", [A, B]))
    found = judged(ledger, summaries=[summary(counts={"moved": 2})], trust="counts")

    assert [(draft.kind, draft.data["counts"], draft.data["devices"]) for draft in found.drafts] == [
        ("reported", {"moved": 2}, {})
    ]


def test_more_trust_in_the_same_summary_tells_more():
    ledger = known(*uploaded("t-1", [A, B]))
    one = summary(**{A: "moved", B: "moved"})
    ledger = after(ledger, judged(ledger, summaries=[one]).drafts, NOW)

    assert outcome(ledger, summaries=[one], trust="all")[0] == "confirmed"


def test_an_export_outranks_a_summary():
    ledger = known(*uploaded("t-1", [A, B]))
    ledger = after(ledger, judged(ledger, export("a", LATER, acme=[A])).drafts, NOW)
    ledger_too = after(ledger, judged(ledger, summaries=[summary(**{A: "failed"})], trust="all").drafts, NOW)

    assert ledger_too["t-1"].outcome[A] == "moved"
    assert "the export says otherwise" in remarks(ledger, summaries=[summary(**{A: "failed"})], trust="all")


def test_surplus_and_missing_serials_are_told():
    ledger = known(*uploaded("t-1", [A, B]))
    told = remarks(ledger, summaries=[summary(**{A: "moved", C: "moved"})], trust="all")

    assert f"not in this transfer: {C}" in told
    assert f"so unknown: {B}" in told


def test_a_summary_may_be_that_of_an_earlier_transfer_of_the_same_pc():
    there = [*uploaded("t-1", [A]), ("confirmed", "t-1", {"devices": {A: "moved"}, "how": "export"})]
    ledger = known(*there, *uploaded("t-2", [A], UNASSIGNED, ACME))

    with pytest.raises(UsageError, match=r"may be the Summary of t-1, t-2; say which: --transfer"):
        judged(ledger, summaries=[summary(**{A: "moved"})], trust="all")

    said = {"devices": {A: "moved"}, "how": "summary"}
    ledger = known(*uploaded("t-1", [A]), ("confirmed", "t-1", said), *uploaded("t-2", [A], UNASSIGNED, ACME))
    assert outcome(ledger, summaries=[summary(**{A: "moved"})], trust="all", name="t-2") == ("confirmed", {A: "moved"})


def test_to_which_transfer_a_summary_belongs():
    ledger = known(*uploaded("t-1", [A]), *uploaded("t-2", [B], CONTOSO))

    assert outcome(ledger, name="t-2", summaries=[summary(**{B: "moved"})], trust="all")[0] == "confirmed"
    with pytest.raises(UsageError, match=r"may be the Summary of t-1, t-2; say which: --transfer"):
        judged(ledger, summaries=[summary(**{A: "moved", B: "moved"})], trust="all")
    with pytest.raises(UsageError, match="t-1, t-2"):
        judged(ledger, summaries=[summary(counts={"moved": 1})], trust="counts")
    with pytest.raises(UsageError, match="no PC of any transfer"):
        judged(ledger, summaries=[summary(**{C: "moved"})], trust="all")
    assert outcome(ledger, summaries=[summary(**{A: "moved", B: "moved"})], trust="all", only=ledger["t-1"]) == (
        "confirmed",
        {A: "moved"},
    )


def test_a_settled_transfer_does_not_change_by_a_summary():
    ledger = known(*uploaded("t-1", [A]), ("confirmed", "t-1", {"devices": {A: "moved"}, "how": "export"}))
    found = judged(ledger, summaries=[summary(**{A: "failed"})], trust="all")

    assert found.drafts == ()
    assert "changes nothing: it is confirmed already" in found.verdicts[0].remarks[0]


def test_a_confirmed_correction_makes_the_original_reverted():
    ledger = known(
        *uploaded("t-1", [A, B]),
        ("confirmed", "t-1", {"devices": {A: "moved", B: "moved"}, "how": "export"}),
        *uploaded("t-2", [A, B], UNASSIGNED, ACME, reason="correction"),
    )
    half = export("u", LATER, unassigned=[A])
    whole = export("u", LATER, unassigned=[A, B])

    assert outcome(ledger, half)[0] == "confirmed"
    assert outcome(ledger, whole)[0] == "reverted"
    assert after(ledger, judged(ledger, whole).drafts, NOW)["t-1"].reverted_by == "t-2"


def test_a_return_that_is_no_correction_reverts_nothing():
    ledger = known(
        *uploaded("t-1", [A]),
        ("confirmed", "t-1", {"devices": {A: "moved"}, "how": "export"}),
        *uploaded("t-2", [A], UNASSIGNED, ACME, reason="return"),
    )

    assert outcome(ledger, export("u", LATER, unassigned=[A]))[0] == "confirmed"


def test_a_move_recorded_of_an_earlier_day_is_confirmed_by_a_list_since_then():
    on = (DAY - timedelta(days=5)).isoformat()
    ledger = known(("reported", "t-1", described([A], on=on, why="rush")))

    assert outcome(ledger, export("a", DAY - timedelta(days=3), acme=[A]))[0] == "confirmed"
    assert outcome(ledger, export("a", DAY - timedelta(days=9), acme=[A]))[0] == "reported"


def test_a_transfer_that_nobody_uploaded_waits_for_no_evidence():
    found = judged(known(("prepared", "t-1", described([A, B, C]))), export("a", LATER, acme=[]))

    assert found.verdicts == ()


def test_a_pc_that_was_in_the_target_all_the_time_is_not_moved_by_a_list_of_that_day():
    ledger = known(("prepared", "t-1", described([A, B], there=[B])))

    assert judged(ledger, export("a", DAY, acme=[B])).drafts == ()
    assert outcome(ledger, export("a", LATER, acme=[A, B])) == ("confirmed", {A: "moved", B: "moved"})
