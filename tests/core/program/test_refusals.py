"""Every refusal of the ledger is an error that callers can handle."""

import pytest

from core import errors
from core.ledger.codes import RefusalCode
from core.ledger.commands import Posted, Refused
from core.program.refusals import accepted, error_of

DETAIL = {
    "required": 3,
    "available": 2,
    "limit": 1,
    "kind": "OPEN",
    "status": "FULFILLED",
    "now": 1_800_000_000_000_000,
}
"""All that refusals tell."""


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_its_error(code: RefusalCode) -> None:
    error = error_of(Refused(code, DETAIL))

    assert isinstance(error, errors.GuerdonError)
    with pytest.raises(type(error)):
        accepted(Refused(code, DETAIL))


def test_a_hold_that_time_ended_is_told_from_one_that_was_closed() -> None:
    expired = error_of(Refused(RefusalCode.HOLD_EXPIRED, {}))
    closed = error_of(Refused(RefusalCode.HOLD_CLOSED, {}))

    assert isinstance(expired, errors.RedemptionStateError)
    assert isinstance(closed, errors.RedemptionStateError)
    assert (expired.status, closed.status) == ("EXPIRED", "ENDED")


def test_what_lies_ahead_is_refused_with_the_servers_time() -> None:
    error = error_of(Refused(RefusalCode.IN_THE_FUTURE, DETAIL))

    assert str(error) == (
        "occurredAt: must lie between 1970 and now, 2027-01-15T08:00:00.000+00:00"
    )


def test_what_was_posted_is_returned() -> None:
    posted = Posted(5, 2, 9, {5: 2})

    assert accepted(posted) is posted
