import pytest

from wxp_lint.lint.secret import masked


@pytest.mark.parametrize("others", [0, 5_000])
def test_secrets_are_masked_however_many_there_are(others: int) -> None:
    secrets = {"aB3dE5fG", "aB3dE5fG!", "€µ"} | {f"xx{n:06}" for n in range(others)}
    text = "PIN aB3dE5fG! and aB3dE5fG, aB3dE5faB3dE5fG, €µ€"
    assert masked(text, secrets) == "PIN ********* and ********, aB3dE5f********, **€"
    assert masked(text, ()) == masked(text, {""}) == text


def test_many_secrets_in_many_texts_take_no_hour() -> None:
    secrets = frozenset(f"pIN{n:05}" for n in range(20_000))
    assert all("pIN" not in masked(f"'{secret}' looks like a company PIN", secrets) for secret in secrets)


@pytest.mark.parametrize("others", [0, 5_000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write 'AB3DE5FG', not aB3dE5fG or ab3de5fg", "write '********', not ******** or ********"),
        ("'aB3d E5fG' has a blank inside", "'*********' has a blank inside"),
        (r"aB3d\u00a0E5fG, aB3d\nE5fG, aB3d / E5fG", "**************, **********, ***********"),
        ("ä \u200baB3d\u200bE5fG\ufeff, \uff41\uff22\uff13dE5fG", "ä \u200b*********\ufeff, ********"),
        ("aB3d\nE5fG", "****\n****"),
        ("aB3d,E5fG", "aB3d,E5fG"),
    ],
)
def test_a_secret_is_masked_in_all_its_forms(text: str, shown: str, others: int) -> None:
    secrets = {"aB3d E5fG"} | {f"xx{n:06}" for n in range(others)}
    assert masked(text, secrets) == shown


def test_a_secret_is_masked_in_a_long_text_too() -> None:
    lines = ["5CG8234XMV,x\n"] * 2_000
    assert masked("".join([*lines, "AB3DE5FG,x\n", *lines]), {"aB3dE5fG"}) == "".join([*lines, "********,x\n", *lines])


def test_in_a_long_text_it_may_go_over_lines_too() -> None:
    lines = "5CG8234XMV,x\n" * 2_000
    assert masked(f'{lines},"aB\n \n3dE5\nfG"\n{lines}', {"aB3dE5fG"}) == f'{lines},"**\n \n****\n**"\n{lines}'
