from wxp_lint.lint.message import render


def test_a_part_goes_with_its_value():
    message = "{serial} is already on line {first}[, as {other}]"

    assert render(message, {"serial": "A", "first": 2, "other": "a"}) == "A is already on line 2, as a"
    assert render(message, {"serial": "A", "first": 2, "other": None}) == "A is already on line 2"


def test_braces_and_brackets_in_a_value_stay():
    assert render("[{serial}]", {"serial": "{x}[y]"}) == "{x}[y]"


def test_a_cell_of_a_megabyte_does_not_fill_the_screen():
    said = render("'{serial}' is no serial number", {"serial": "A" * 1_000_000})

    assert said.startswith("'AAAA")
    assert said.endswith("AAA...' is no serial number")
    assert len(said) < 400
