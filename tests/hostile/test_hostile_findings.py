"""What the fuzzer once found stays mended, and where it begins is read: each target's own promises, without Atheris."""

from pathlib import Path

import pytest
import seeds
import targets

FOUND = Path(__file__).parent / "found"
KEPT = sorted(file for file in FOUND.rglob("*") if file.is_file())
SLOW = {"facts"}  # each of its inputs goes through the whole engine; test_hostile_files.py has more of those


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("WXP_LINT_CACHE_DIR", "")


@pytest.mark.parametrize("file", KEPT, ids=[file.relative_to(FOUND).as_posix() for file in KEPT])
def test_what_was_found_once(file):
    targets.TARGETS[file.parent.name](file.read_bytes())


@pytest.mark.parametrize("name", sorted(targets.TARGETS.keys() - SLOW))
def test_where_the_fuzzer_begins(name):
    begin = seeds.seeds(name)
    assert begin
    for data in begin:
        targets.TARGETS[name](data)


def test_a_workbook_in_its_parts_is_the_workbook():
    book = seeds._rich_book()
    assert targets.read_pages(targets.packed(targets.unpacked(book)), targets.LIMITS) == targets.read_pages(
        book, targets.LIMITS
    )
