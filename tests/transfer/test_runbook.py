"""RUNBOOK.md leads through the pages that the place has."""

from wxp_lint.transfer.submit.runbook import runbook

ACME = {"name": "Acme", "customer_id": "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"}
UNASSIGNED = {"name": "Unassigned", "customer_id": "9b0d4c52-1f3e-4a8b-8c77-5d2e6f7a8b90"}


def told(source, target, **more):
    data = {
        "source": source,
        "target": target,
        "serials": ["5CG8234XMV"],
        "path": "transfers/a.csv",
        "upload": "0" * 64,
        **more,
    }
    return " ".join(runbook("t-1", data, "upload.csv").split())


def test_to_a_customer():
    text = told(UNASSIGNED, ACME)

    assert (
        "Compare the target: **Customers > Acme > Settings** (newer console: **Account**) **> Overview** shows" in text
    )
    assert f"shows the Customer ID `{ACME['customer_id']}`. If it does not, stop" in text
    assert "Open the place where the PCs are now: **Unassigned Devices**." in text
    assert "Export the list of PCs of Acme: **Customers > Acme > Devices > PCs**." in text


def test_back_to_unassigned_devices_which_has_no_settings():
    text = told(ACME, UNASSIGNED)

    assert f"`{UNASSIGNED['customer_id']}` is what the config says of **Unassigned Devices**" in text
    assert "Open the place where the PCs are now: **Customers > Acme > Devices > PCs**." in text
    assert "Export the list of PCs of Unassigned: **Unassigned Devices**." in text
    assert "Customers > Unassigned" not in text


def test_the_summary_is_told_to_be_this_transfers_since_another_may_have_moved_the_same_pcs():
    assert "wxp-lint reconcile SUMMARY.csv --transfer t-1 " in told(ACME, UNASSIGNED)


def test_the_table_holds_every_fact_and_what_was_said_of_the_transfer():
    facts = "| Transfer | `t-1` | | PCs | 1 | | From | Unassigned | | To | Acme, Customer ID "
    plain = told(UNASSIGNED, ACME)
    assert facts in plain
    assert "| Ticket |" not in plain
    assert "## Mind" not in plain

    text = told(
        UNASSIGNED, ACME, ticket="T-7", reason="delivery", warnings=[{"code": "WXP604", "message": "the first"}]
    )
    assert facts in text
    assert (
        "| Its SHA-256 | `" + "0" * 64 + "` | | Ticket | T-7 | | Reason | delivery | ## Mind - the first (WXP604)"
        in text
    )
