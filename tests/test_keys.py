import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxp_lint.database import connect
from wxp_lint.facts.sql import run
from wxp_lint.keys import INVISIBLE, key, word

BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"

# Where case folding and normalising meet: sharp s, dotless i, iota below, ligatures, Hangul, marks.
TRICKY = "ßẞıİſŉǰΐΰᾳᾼ\u0345ﬁﬀŁĿ①Ⅷ½™µΩKÅ゛ﾞ가\u1100\u1161\u00a8\u0301\u0327\ufb1d\ufdfa"

characters = st.characters(exclude_categories=["Cs"]) | st.sampled_from(TRICKY + BLANKS + INVISIBLE)
texts = st.text(characters)
ascii_texts = st.text(st.characters(max_codepoint=127))


@pytest.fixture(scope="module")
def con():
    con = connect()
    run(con, "schema.sql")
    yield con
    con.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5CG8234XMV", "5CG8234XMV"),
        (" 5cg 8234\txmv\r\n", "5CG8234XMV"),
        ("\ufeff5CG\u200b8234\u00a0XMV\u2060", "5CG8234XMV"),
        ("\uff15\uff23\uff27\uff18\uff12\uff13\uff14\uff58\uff2d\uff36", "5CG8234XMV"),
        ("Straße", "STRASSE"),
        ("Cafe\u0301", "CAFÉ"),
        (" \u00a0\u200b", ""),
        ("\u0421G", "\u0421G"),  # a Cyrillic letter stays what it is
    ],
)
def test_key(text, expected):
    assert key(text) == expected


@pytest.mark.parametrize("mark", [*BLANKS, *INVISIBLE], ids=lambda mark: f"U+{ord(mark):04X}")
def test_blanks_and_what_shows_nothing_are_dropped(mark):
    assert key(f"{mark}A{mark}1{mark}") == "A1"


@given(texts)
def test_a_key_is_its_own_key(text):
    assert key(key(text)) == key(text)


@given(texts)
def test_a_key_is_normalised_and_holds_no_blank(text):
    found = key(text)

    assert unicodedata.is_normalized("NFKC", found)
    assert not any(char.isspace() or char in INVISIBLE for char in found)


@given(texts)
def test_blanks_around_and_the_form_of_the_text_change_no_key(text):
    assert key(f" {text}\u00a0") == key(text)
    assert key(unicodedata.normalize("NFD", text)) == key(text)


@given(ascii_texts)
def test_ascii_case_changes_no_key(text):
    assert key(text.lower()) == key(text.upper()) == key(text)


@given(text=ascii_texts)
def test_sql_folds_ascii_as_python_does(con, text):
    found = con.execute("select _key($text), _word($text)", {"text": text}).fetchone()

    assert found == (key(text), word(text))


def test_sql_takes_out_the_blanks_that_a_key_drops_and_nothing_else(con):
    texts = [f"A{chr(code)}b" for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000]
    found = con.execute("select text from (select unnest($texts) as text) where _bare(text) = 'Ab'", {"texts": texts})

    assert {text for (text,) in found.fetchall()} == {text for text in texts if key(text) == "AB"}


@pytest.mark.parametrize("text", ["Serial Number", "serial_number", "SERIAL-NUMBER", "\ufeffSerial Number."])
def test_a_header_word_is_the_same_however_it_is_joined(text):
    assert word(text) == "SERIALNUMBER"
