"""What a submitter is: a way to hand a transfer over, and what it can do."""

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Abilities(NamedTuple):
    """What may be relied on.

    `idempotent`: handing over the same transfer twice is the same as once, so whatever died is simply done again.
    `reference`: who takes a transfer gives it a name of their own. `poll`: they can be asked what came of it.
    """

    idempotent: bool
    reference: bool
    poll: bool


class Submitter(Protocol):
    """All that `apply` has to know to choose how it hands over."""

    @property
    def can(self) -> Abilities:
        """What may be relied on."""
        ...


class Upload(NamedTuple):
    """A file on its way. `place` is where its PCs are: "unassigned" or a Customer ID. `key` names the attempt."""

    key: str
    name: str
    place: str
    data: bytes
    sha256: str


# What is known after a request.
ACCEPTED, REFUSED, UNSENT, UNKNOWN = "accepted", "refused", "unsent", "unknown"


class Answer(NamedTuple):
    """What came of the one request: one of the words above, why in words, and the remote's name for the upload.

    UNSENT: not a byte of it can have left. UNKNOWN: nobody can say whether it was taken.
    """

    what: str
    words: str
    reference: str | None = None


class Polled(NamedTuple):
    """What a remote tells of an upload: its Summary (CSV) once that is there, else why not."""

    summary: bytes | None
    words: str = ""


class Remote(Submitter, Protocol):
    """A submitter that sends, and must not be asked to do so twice."""

    @property
    def name(self) -> str:
        """How messages call it."""
        ...

    @property
    def patience(self) -> float:
        """Seconds after which nobody waits for an answer any more."""
        ...

    def send(self, upload: Upload, may_send: Callable[[], bool]) -> Answer:
        """Makes one request, if `may_send` still holds right before it. Raises nothing."""
        ...

    def poll(self, reference: str) -> Polled:
        """Asks for the Summary of an upload. Raises nothing."""
        ...
