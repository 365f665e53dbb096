"""The digest by which a transfer is known: ledgers hold it, so that it may never change."""

from wxp_lint.ledger.identity import digest

ACME = "2F1C7F0E-8A53-4D6E-9A55-0C6F2F3A9B11"
KNOWN = "v1-8d21635337222eb4d96dd386fafc2deb48543ae55c4d92c3505e28470663d132"


def test_the_digest_is_the_one_that_ledgers_hold():
    assert digest(ACME, ["5CG8234XMV", "5CG8234XMW"]) == KNOWN
    assert digest("", []) == "v1-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_order_and_repetition_do_not_count_and_the_target_does():
    assert digest(ACME, ["5CG8234XMW", "5CG8234XMV", "5CG8234XMW"]) == KNOWN
    assert digest("", ["5CG8234XMV", "5CG8234XMW"]) != KNOWN
    assert digest(ACME, ["5CG8234XMV"]) != KNOWN
