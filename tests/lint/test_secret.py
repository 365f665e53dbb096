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
