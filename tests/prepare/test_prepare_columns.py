"""Which columns of a list say what: by header words, by the config's words, else by what they hold."""

import pytest

from wxp_lint.config.settings import Columns as Named
from wxp_lint.errors import UsageError
from wxp_lint.prepare.columns import find_columns

ACME = "2f1c7f0e-8a53-4d6e-9a55-0c6f2f3a9b11"
SERIAL = "5CG8234XMV"


def found(*head, target=True, **named):
    names = Named(**{field: tuple(words) for field, words in named.items()})
    columns = find_columns(head, names, lambda text: text in ("Acme", "Contoso"), "list.csv", target=target)
    return columns.header, columns.serial, columns.customers


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        ([["Tag", "S/N", "Customer ID"], ["1", SERIAL, ACME]], (0, 1, (2,))),
        ([["HP order"], ["Kunde", "Seriennummer"], ["Acme", SERIAL]], (1, 1, (0,))),
        ([["Serial", "Company Name", "Tenant ID"], [SERIAL, "Acme", ACME]], (0, 0, (2, 1))),
        ([["Serial", "Where to"], [SERIAL, "Acme"]], (0, 0, (1,))),
        ([["Barcode", "Goes to"], [SERIAL, "Acme"]], (0, 0, (1,))),
        ([["Acme", "0123456789", SERIAL], ["Contoso", "0123456780", "5CG02382XZ"]], (None, 2, (0,))),
        ([["Phone", "Device", "For"], ["0123456789", SERIAL, "Acme"]], (0, 1, (2,))),
        ([["Host", "Box", "For"], [SERIAL.lower(), SERIAL, "Acme"]], (0, 0, (2,))),
    ],
    ids=[
        "words",
        "below a title",
        "ID and name",
        "customers by content",
        "content",
        "no header",
        "phone numbers",
        "a computer is called by its serial number",
    ],
)
def test_columns_are_known(head, columns):
    assert found(*head) == columns


def test_the_configs_words_go_before_common_ones():
    head = [["Serial", "Gerät", "Ziel-Mandant"], ["7", SERIAL, "Acme"]]

    assert found(*head, serial=["Gerät"], customer=["Ziel-Mandant"]) == (0, 1, (2,))


def test_a_scan_is_all_devices():
    assert found(["5CG0480H"], [SERIAL], target=False) == (None, 0, ())


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ([["Serial", "S/N", "Customer"], [SERIAL, "5CG02382XZ", ACME]], "'Serial' and 'S/N' may both be"),
        ([["Old", "New", "Customer"], [SERIAL, "5CG02382XZ", ACME]], "columns A and B both hold serial numbers"),
        ([["a", "b"], ["x", "y"]], "no column of serial numbers"),
        ([["Serial", "Note"], [SERIAL, "urgent"]], "--customer"),
        ([], "it is empty"),
    ],
)
def test_what_cannot_be_told_is_said(head, words):
    with pytest.raises(UsageError, match=r"list\.csv: ") as error:
        found(*head)

    assert words in str(error.value)


def test_carried_columns_are_those_of_the_config():
    named = Named(carry=("asset tag", "ticket", "colour"))
    head = [["Ticket", "Serial", "Customer", "Asset_Tag"], ["4711", SERIAL, ACME, "A1"]]

    columns = find_columns(head, named, lambda text: False, "list.csv", target=True)

    assert columns.carried == (("Asset_Tag", 3), ("Ticket", 0))
