"""The rules that are promised: codes, names and levels, kept by hand here."""

import pytest

from wxp_lint.lint.catalogue import load

PROMISED = """
WXP101 unreadable-file          error
WXP102 not-utf8                 warning
WXP103 byte-order-mark          note
WXP104 wrong-delimiter          warning
WXP105 missing-header           warning
WXP106 unknown-header           warning
WXP107 swapped-columns          error
WXP108 no-devices               error
WXP109 blank-row                note
WXP110 extra-column             warning
WXP111 repeated-header          error
WXP112 preamble                 warning
WXP113 formula-cell             error
WXP114 hidden-content           warning
WXP115 several-sheets           error
WXP116 merged-cells             error
WXP117 malformed-csv            error
WXP118 too-many-devices         warning
WXP201 missing-serial           error
WXP202 serial-format            error
WXP203 serial-whitespace        error
WXP204 serial-lowercase         note
WXP205 serial-not-text          error
WXP206 serial-scientific        error
WXP207 serial-vowel             warning
WXP208 serial-week              warning
WXP209 serial-placeholder       error
WXP210 serial-leading-s         error
WXP211 serial-lookalike         error
WXP212 serial-ocr               warning
WXP301 missing-customer-id      error
WXP302 mixed-customer-ids       error
WXP303 customer-id-format       warning
WXP304 unknown-customer         error
WXP305 wrong-folder             error
WXP306 customer-id-whitespace   error
WXP307 company-pin              error
WXP308 customer-id-not-text     error
WXP309 protected-customer       error
WXP310 closed-customer          error
WXP401 duplicate-serial         error
WXP402 conflicting-transfer     error
WXP403 repeated-transfer        warning
WXP404 duplicate-file           warning
WXP501 device-not-visible       error
WXP502 mixed-sources            error
WXP503 already-there            warning
WXP504 ambiguous-place          error
WXP505 stale-inventory          warning
WXP506 foreign-user             warning
WXP507 active-elsewhere         warning
WXP601 possession-not-confirmed warning
WXP602 sidecar-invalid          error
WXP603 source-mismatch          error
WXP604 first-transfer           note
WXP605 large-transfer           warning
WXP606 personal-data            warning
WXP701 edited-after-apply       error
WXP702 transfer-in-doubt        error
WXP703 already-transferred      warning
WXP801 suppression-expired      warning
WXP802 suppression-malformed    error
WXP803 suppression-unused       note
WXP804 baseline-stale           note
"""
NEEDS = {
    "customer": {"WXP304", "WXP305", "WXP309", "WXP310", "WXP506"},
    "device": {*(f"WXP50{n}" for n in range(1, 8)), "WXP603"},
    "ledger": {"WXP604", "WXP701", "WXP702", "WXP703"},
    "suppression": {"WXP801", "WXP802", "WXP803"},
    "baseline": {"WXP804"},
}


def test_codes_names_and_levels_are_those_that_are_promised():
    promised = [tuple(line.split()) for line in PROMISED.strip().splitlines()]

    assert sorted((rule.code, rule.name, rule.level) for rule in load().rules) == promised


@pytest.mark.parametrize("fact", NEEDS)
def test_a_rule_says_what_it_cannot_run_without(fact):
    assert {rule.code for rule in load().rules if fact in rule.needs} == NEEDS[fact]


def test_nothing_else_is_needed():
    assert {need for rule in load().rules for need in rule.needs} == NEEDS.keys()
