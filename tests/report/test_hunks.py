"""Where two lists of lines differ."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from wxp_lint.report.hunks import hunks

LINES = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"f"]), max_size=12)


@settings(max_examples=300, deadline=None)
@given(LINES, LINES, st.integers(0, 3))
def test_the_changes_make_one_list_of_the_other(old, new, context):
    groups = list(hunks(old, new, context))

    made, at = [], 0
    for change in (change for group in groups for change in group):
        assert change.start >= at
        assert old[change.start : change.end] != new[change.new_start : change.new_end]
        made += old[at : change.start]
        assert len(made) == change.new_start
        made += new[change.new_start : change.new_end]
        at = change.end
    assert made + old[at:] == new
    for group, following in pairwise(groups):
        assert following[0].start - group[-1].end > 2 * context


def test_each_line_that_changed_is_a_change_of_its_own():
    old = [b"%d" % n for n in range(5000)]
    new = [b"x%s" % line if n % 50 == 7 else line for n, line in enumerate(old) if n % 500 != 20]

    changes = [change for group in hunks(old, new, 3) for change in group]

    assert [change.start for change in changes if change.new_start == change.new_end] == list(range(20, 5000, 500))
    assert [change.start for change in changes if change.new_start < change.new_end] == list(range(7, 5000, 50))


def test_many_lines_that_are_all_alike_take_no_time():
    old = [b"a", b"b"] * 50_000

    assert [list(group[0]) for group in hunks(old, old[:-2], 3)] == [[99_998, 100_000, 99_998, 99_998]]
    assert len(list(hunks(old, [b"b", b"a", b"c"] * 50_000, 3))) == 1
