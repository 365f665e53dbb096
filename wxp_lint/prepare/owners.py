"""CODEOWNERS: who must review the transfers of which customer."""

import re
from collections.abc import Iterable, Sequence

from wxp_lint.prepare.customers import Customer

# Where GitHub and GitLab look for it.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_ABOUT = "# Who reviews a customer's transfers, from the column owners of the registry.\n"
_SPECIAL = re.compile(r"([\\\s\[\]*?!#])")


def code_owners(customers: Iterable[Customer], folders: Sequence[str]) -> str:
    """A line for each customer with a folder and owners, below each of `folders` ("" is the root); or nothing.

    An owner is a user or team with or without its "@", or an e-mail address.
    """
    lines = [
        f"{_pattern(folder, customer.folder)} {' '.join(map(_owner, owners))}\n"
        for customer in customers
        if customer.folder and (owners := [owner for owner in customer.owners if not re.search(r"[\s#]", owner)])
        for folder in folders
    ]
    return "".join([_ABOUT, *lines]) if lines else ""


def _pattern(folder: str, customer: str) -> str:
    path = "/".join(part for part in (folder, customer) if part)
    return "/" + _SPECIAL.sub(r"\\\1", path) + "/"


def _owner(text: str) -> str:
    return text if "@" in text else f"@{text}"
