"""By what a transfer is known: its target and its serials, whatever its file is called and however it was saved."""

from collections.abc import Iterable
from hashlib import sha256

VERSION = "v1"


def digest(customer_key: str, serial_keys: Iterable[str]) -> str:
    """The versioned digest over the target's key and the distinct serial keys (DESIGN 9, identity).

    `facts/digest.sql` computes the same for all files at once.
    """
    text = "\n".join([customer_key, *sorted(set(serial_keys))])
    return f"{VERSION}-{sha256(text.encode()).hexdigest()}"
