"""What the ledger is told of a transfer when it is first handed over."""

from typing import Any

from wxp_lint.transfer.plan import Planned
from wxp_lint.transfer.submit.upload import record


def described(one: Planned) -> dict[str, Any]:
    """The data of its first event: all that the upload file is made of, and what led to it."""
    source, target = one.source, one.target
    assert source is not None
    assert target is not None
    assert one.digest is not None
    more = {
        **one.details,
        "ticket": one.ticket,
        "reason": one.reason,
        "waivers": [waived._asdict() for waived in one.waived],
        "warnings": [remark._asdict() for remark in one.warnings],
    }
    return record(
        path=one.path,
        digest=one.digest,
        sheet=one.sheet,
        target={"name": target.name, "customer_id": target.customer_id},
        source={"name": source.name, "customer_id": source.customer_id},
        serials=one.serials,
        more=more,
    )
