import io
import json

import pytest
from desks import ACME, BASE, CONTOSO, export, serial, sheet
from openpyxl import Workbook

from wxp_lint.errors import UsageError
from wxp_lint.lint.baseline import Known, render_baseline
from wxp_lint.report.plan import FORMATS
from wxp_lint.transfer.plan import document

A, B = "transfers/acme/a.csv", "transfers/acme/b.csv"


def codes(planned):
    return [remark.code for remark in planned.blockers]


def test_a_file_that_nothing_holds_up(desk):
    desk.commit({A: sheet(1, 2)})

    one = desk.planned()[A]

    assert (one.state, one.merged, one.source.name, one.target.name) == ("ready", True, "Unassigned", "Acme")
    assert one.serials == [serial(1), serial(2)]
    assert one.id.startswith("t-")
    assert [remark.code for remark in one.warnings] == ["WXP604"]  # nobody has moved a PC to Acme before
    assert not one.is_reversible


def test_the_json_has_the_shape_that_others_rely_on(desk):
    desk.commit({A: sheet(20, to=CONTOSO).replace(serial(20), serial(20).lower())})

    plan = document(desk.plan())

    assert plan["version"] == 1
    assert len(plan["digest"]) == 64
    (one,) = plan["transfers"]
    assert one["source"] == {"name": "Acme", "customer_id": ACME}
    assert one["target"] == {"name": "Contoso", "customer_id": CONTOSO}
    assert (one["devices"], one["path"]) == (1, A)
    assert one["reversal"]["possible"] is True
    assert all(blocker.keys() == {"code", "message"} for blocker in one["blockers"])
    json.dumps(plan)


def test_the_same_repository_gives_the_same_plan_until_something_changes(desk):
    desk.commit({A: sheet(1)})
    first = desk.plan()

    assert desk.plan().digest == first.digest
    desk.config("[apply]\nmax-devices = 400\n")
    changed = desk.plan()
    assert changed.digest != first.digest
    assert {part for part, value in first.parts.items() if changed.parts[part] != value} == {"commit", "policy"}


def test_a_source_that_nobody_knows_holds_up_until_the_sidecar_tells_it(desk):
    desk.commit({A: sheet(1), "wxp-lint.toml": 'customers = "customers.csv"\n'})
    assert codes(desk.planned()[A]) == ["source-unknown"]

    desk.commit({f"{A}.toml": 'source = "unassigned"\n'})

    assert (desk.planned()[A].state, desk.planned()[A].source.name) == ("ready", "Unassigned")


def test_pcs_in_two_places_are_no_transfer_even_where_the_rule_is_ignored(desk):
    desk.commit({A: sheet(1, 20, to=CONTOSO).replace("acme", "contoso")})
    desk.config('[rules.mixed-sources]\nlevel = "off"\n')

    (blocker,) = desk.planned()[A].blockers[-1:]

    assert blocker.code == "WXP502"
    assert "1 in Unassigned" in blocker.message


def test_two_targets_in_one_file_are_no_transfer_even_where_the_rules_are_ignored(desk):
    both = sheet(1) + f"{serial(2)},{CONTOSO}\n"
    desk.commit({A: both, "wxp-lint.toml": 'ignore = ["WXP302", "WXP303"]\n' + BASE["wxp-lint.toml"]})

    assert "WXP302" in codes(desk.planned()[A])


def test_a_number_cell_never_passes_even_where_the_rule_is_ignored(desk):
    book, data = Workbook(), io.BytesIO()
    book.active.append(["Serial Number", "Customer ID"])
    book.active.append([5123456789, ACME])
    book.save(data)
    path = "transfers/acme/a.xlsx"
    config = 'ignore = ["WXP205", "WXP501"]\n' + BASE["wxp-lint.toml"]
    desk.commit({path: data.getvalue(), "wxp-lint.toml": config, "unassigned.csv": "Serial Number\n5123456789\n"})

    assert "WXP205" in codes(desk.planned()[path])


def test_a_row_with_half_of_a_transfer_never_passes_even_where_the_rules_are_ignored(desk):
    rows = f"Serial Number,Customer ID\n{serial(1)},{ACME}\n{serial(2)},\n,{ACME}\n"
    desk.commit({A: rows, "wxp-lint.toml": 'ignore = ["WXP201", "WXP301"]\n' + BASE["wxp-lint.toml"]})

    blockers = {(one.code, one.message) for one in desk.planned()[A].blockers}
    assert {("WXP301", "line 3: no Customer ID"), ("WXP201", "line 4: no serial number")} <= blockers


@pytest.mark.parametrize(("column", "value", "code"), [("protected", "yes", "WXP309"), ("status", "closed", "WXP310")])
def test_a_protected_or_closed_target_needs_a_waiver_whatever_the_config_ignores(desk, column, value, code):
    customers = f"customer_id,name,folder,{column}\n{ACME},Acme,acme,{value}\n"
    desk.commit({A: sheet(1), "customers.csv": customers})
    desk.config(f'[rules]\n[rules.{"protected" if code == "WXP309" else "closed"}-customer]\nlevel = "off"\n')
    assert codes(desk.planned()[A]) == [code]

    waiver = f'[[apply.waivers]]\nrule = "{code}"\npath = "{A}"\nreason = "agreed"\nuntil = 2999-01-01\n'
    desk.config(waiver)

    one = desk.planned()[A]
    assert (one.state, one.waived) == ("ready", ((code, "agreed", "2999-01-01"),))
    [told] = document(desk.plan())["transfers"]
    assert told["waivers"] == [{"rule": code, "reason": "agreed", "until": "2999-01-01"}]


def test_a_waiver_ends_and_is_for_one_file(desk):
    desk.commit(
        {A: sheet(1), B: sheet(2), "customers.csv": f"customer_id,name,folder,protected\n{ACME},Acme,acme,yes\n"}
    )
    desk.config(f'[[apply.waivers]]\nrule = "protected-customer"\npath = "{A}"\nreason = "x"\nuntil = 2020-01-01\n')

    planned = desk.planned()

    assert codes(planned[A]) == codes(planned[B]) == ["WXP309"]
    assert any(remark.code == "waiver" and "2020-01-01" in remark.message for remark in planned[A].warnings)


def test_nobody_can_waive_that_a_file_has_two_targets(desk):
    desk.commit({A: sheet(1) + f"{serial(2)},{CONTOSO}\n"})
    desk.config(f'[[apply.waivers]]\nrule = "WXP302"\npath = "{A}"\nreason = "x"\nuntil = 2999-01-01\n')

    assert "WXP302" in codes(desk.planned()[A])


def test_a_waiver_of_no_rule_is_an_error_that_says_where(desk):
    desk.config(f'[[apply.waivers]]\nrule = "protected-custmer"\npath = "{A}"\nreason = "x"\nuntil = 2999-01-01\n')

    with pytest.raises(UsageError, match=r"wxp-lint\.toml:\d+: waiver: .*did you mean 'protected-customer'"):
        desk.plan()


def test_possession_has_to_be_confirmed_where_that_is_asked_for(desk):
    ignore = '[[ignore]]\nrule = "WXP601"\npath = "**"\nreason = "in a hurry"\n'
    desk.commit({A: sheet(1), "wxp-lint-ignore.toml": ignore})
    desk.config("[apply]\nrequire-possession = true\n")
    assert codes(desk.planned()[A]) == ["WXP601"]

    desk.commit({f"{A}.toml": '[possession]\nby = "jo"\non = 2026-01-02\nevidence = "note 4711"\n'})

    one = desk.planned()[A]
    assert one.state == "ready"
    assert one.details["possession"] == {"by": "jo", "on": "2026-01-02", "evidence": "note 4711"}


def test_a_suppressed_finding_holds_nothing_up(desk):
    bad = sheet(1) + f"5CG48H,{ACME}\n"
    desk.commit({A: bad, "unassigned.csv": export(1)})
    desk.config('[rules.device-not-visible]\nlevel = "off"\n')
    assert codes(desk.planned()[A]) == ["WXP202"]

    reason = f'[[ignore]]\nrule = "WXP202"\npath = "{A}"\nserial = "5CG48H"\nreason = "an old dock"\n'
    desk.commit({"wxp-lint-ignore.toml": reason})

    assert desk.planned()[A].state == "ready"


def test_a_pc_with_two_targets_holds_up_both_files(desk):
    other = "transfers/contoso/c.csv"
    desk.commit({A: sheet(1, 2), other: sheet(2, 3, to=CONTOSO)})

    planned = desk.planned()

    assert codes(planned[A]) == codes(planned[other]) == ["WXP402"]


def test_a_pc_in_two_files_to_one_target_holds_up_the_later_one(desk):
    desk.commit({A: sheet(1, 2), B: sheet(2, 3)})

    planned = desk.planned()

    assert (planned[A].state, codes(planned[B])) == ("ready", ["WXP403"])


def test_of_two_copies_one_is_handed_over(desk):
    desk.commit({A: sheet(1, 2), B: sheet(2, 1)})

    planned = desk.planned()

    assert (planned[A].state, codes(planned[B]), planned[B].id) == ("ready", ["WXP404"], None)


def test_too_many_pcs_to_one_customer_hold_up_all_its_files(desk):
    other = "transfers/contoso/c.csv"
    desk.commit({A: sheet(1, 2), B: sheet(3), other: sheet(4, to=CONTOSO)})
    desk.config("[rules.large-transfer]\nper-customer = 2\n")

    planned = desk.planned()

    assert codes(planned[A]) == codes(planned[B]) == ["WXP605"]
    assert planned[other].state == "ready"


def test_one_run_hands_over_so_many_pcs_and_no_more(desk):
    desk.commit(
        {A: sheet(1, 2), B: sheet(3), "transfers/acme/c.csv": sheet(4, 5, 6, 7), "transfers/acme/d.csv": sheet(8)}
    )
    desk.config("[apply]\nmax-devices = 3\n")

    planned = desk.planned()

    assert [one.state for one in planned.values()] == ["ready", "ready", "blocked", "blocked"]
    assert "split it" in planned["transfers/acme/c.csv"].blockers[0].message
    assert "the run after this one" in planned["transfers/acme/d.csv"].blockers[0].message


def test_a_rule_that_must_run_and_cannot_holds_up_all(desk):
    config = 'customers = "customers.csv"\nmust-run = ["device-not-visible"]\n'
    desk.commit({A: sheet(1), f"{A}.toml": 'source = "unassigned"\n', "wxp-lint.toml": config})

    (blocker,) = desk.planned()[A].blockers

    assert blocker.code == "WXP501"
    assert "must run" in blocker.message


def test_a_rule_that_reads_the_ledger_can_run_before_there_is_one(desk):
    config = 'must-run = ["already-transferred"]\n' + BASE["wxp-lint.toml"]
    desk.commit({A: sheet(1), "wxp-lint.toml": config})

    assert desk.planned()[A].state == "ready"


@pytest.mark.parametrize(("until", "state"), [("2999-01-01", "waiting"), ("2020-01-01", "blocked")])
def test_a_file_waits_for_pcs_that_are_not_visible_yet(desk, until, state):
    desk.commit({A: sheet(1, 900), f"{A}.toml": f"[wait]\nuntil = {until}\n"})

    one = desk.planned()[A]

    assert (one.state, one.missing) == (state, 1)


IGNORED = f'[[ignore]]\nrule = "WXP501"\npath = "{A}"\nreason = "they come"\n'
WAIVED = f'[[apply.waivers]]\nrule = "WXP501"\npath = "{A}"\nreason = "they come"\nuntil = 2999-01-01\n'


@pytest.mark.parametrize(
    "files",
    [
        {"wxp-lint-ignore.toml": IGNORED},
        {"wxp-lint.toml": 'ignore = ["WXP501"]\n' + BASE["wxp-lint.toml"]},
        {"wxp-lint.toml": 'select = ["WXP4"]\n' + BASE["wxp-lint.toml"]},
        {"wxp-lint.toml": BASE["wxp-lint.toml"] + '[rules.device-not-visible]\nlevel = "note"\n'},
        {"wxp-lint.toml": BASE["wxp-lint.toml"] + WAIVED},
    ],
    ids=["suppressed", "ignored", "not selected", "note", "waived"],
)
def test_pcs_that_no_list_has_are_not_handed_over_whatever_hides_them(desk, files):
    desk.commit({A: sheet(1, 900, 901, 902, 903), **files})

    one = desk.planned()[A]

    assert (one.state, codes(one)) == ("blocked", ["source-unknown"])
    first = ", ".join(map(serial, (900, 901, 902)))
    assert f"4 of its 5 PCs are, no list has them: {first} (and 1 more)." in one.blockers[0].message
    desk.commit({f"{A}.toml": "[wait]\nuntil = 2999-01-01\n"})
    assert (desk.planned()[A].state, desk.planned()[A].missing) == ("waiting", 4)


def test_pcs_that_no_list_has_are_not_handed_over_by_the_baseline(desk):
    desk.commit({A: sheet(1, 900)})
    (finding,) = [one for one in desk.plan().inputs.sheets[0].findings if one.code == "WXP501"]
    known = Known(finding.fingerprint, finding.code, finding.name, finding.path, 1)
    desk.commit({"wxp-lint-baseline.json": render_baseline([known])})

    assert codes(desk.planned()[A]) == ["source-unknown"]
    assert serial(900) not in desk.report("markdown")


def test_all_pcs_are_there_already(desk):
    desk.commit({A: sheet(20, 21)})

    assert codes(desk.planned()[A]) == ["WXP503"]


def test_a_file_that_cannot_be_read_has_one_reason(desk):
    desk.commit({A: b"\x00\x01", B: "Serial Number,Customer ID\n"})

    planned = desk.planned()

    assert (codes(planned[A]), codes(planned[B])) == (["WXP101"], ["WXP108"])


def test_what_the_target_will_see_is_counted(desk):
    seen = f"Serial Number,Last User\n{serial(1)},kim@acme.example\n{serial(2)},\n"
    desk.commit({A: sheet(1, 2), "unassigned.csv": seen})

    assert desk.planned()[A].users == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_company_pin_is_never_shown(desk, name):
    desk.commit({A: sheet(1, to="aB3dE6gH")})

    text = desk.report(name)

    assert "aB3dE6gH" not in text
    assert "WXP307" in text


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_a_company_pin_is_left_where_serials_are_masked(desk, name):
    swapped = f"Serial Number,Customer ID\nZz9yX8wv,{serial(1)}\nZz9yX8wv,{serial(2)}\n"
    desk.commit({A: swapped, B: f"Serial Number,Customer ID\nZz9yX8wv,{ACME}\n"})

    text = desk.report(name)

    assert "WXP107" in text
    assert "********" in text.replace("\\", "")
    assert "zz9" not in text.casefold()


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_what_a_pull_request_publishes_names_no_pc(desk, name):
    desk.commit({A: sheet(1, 900)})

    text = desk.report(name)

    assert "WXP501" in text
    assert serial(900) not in text
    assert serial(900) in desk.report("text")


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_names_cannot_bring_their_own_markup(desk, name):
    customers = f'customer_id,name,folder\n{ACME},"<img src=x> [a](b) @team |",acme\n'
    desk.commit({A: sheet(1), "customers.csv": customers})

    text = desk.report(name)

    shown = {"html": "&lt;img src=x&gt; [a](b) @team |", "markdown": r"`<img` `src=x>` `[a](b`) `@team` `\|`"}
    assert shown[name] in text


def test_what_is_planned_is_what_is_committed(desk):
    desk.commit({A: sheet(1, 2), B: sheet(3)})
    desk.write({A: sheet(1, 2, 4), "transfers/acme/draft.csv": sheet(5)})
    desk.git("rm", "--quiet", B)

    plan = desk.plan()

    assert {one.path: len(one.serials) for one in plan.transfers} == {A: 2, B: 1}
    assert plan.inputs.drafts == ["transfers/acme/draft.csv"]
    assert "edited since the last commit" in desk.report("text")


def test_what_is_not_merged_is_planned_and_marked(desk):
    desk.commit({A: sheet(1), B: sheet(2)})
    desk.git("switch", "--quiet", "--create", "more")
    desk.commit({"transfers/acme/c.csv": sheet(3), f"{B}.toml": 'ticket = "4711"\n'})

    planned = desk.planned()

    assert {path: one.merged for path, one in planned.items()} == {A: True, B: False, "transfers/acme/c.csv": False}
    assert not planned[B].is_handed_over_next


def test_the_policy_can_come_from_another_revision(desk):
    desk.commit({A: sheet(1), "customers.csv": f"customer_id,name,folder,protected\n{ACME},Acme,acme,yes\n"})
    desk.git("switch", "--quiet", "--create", "more")
    desk.config(f'[[apply.waivers]]\nrule = "WXP309"\npath = "{A}"\nreason = "I say so"\nuntil = 2999-01-01\n')
    assert desk.planned()[A].state == "ready"

    (one,) = desk.plan(config_from="main").transfers

    assert codes(one) == ["WXP309"]


def test_no_commit_and_no_repository_are_told(tmp_path):
    from wxp_lint.repo.standing import standing

    with pytest.raises(UsageError, match="in no git repository"):
        standing(tmp_path, "main")
