"""The kit for earning actions finds the mistakes that it is there for."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

import pytest
from pydantic import AwareDatetime, BaseModel, Field

from guerdon import EarningAction, Fact
from guerdon.testing import EarningActionContract


class Visit(BaseModel):
    visit_id: str = Field(description="Id of the visit.")
    store: str = Field(description="Which shop.")


class Visiting(EarningAction[Visit]):
    code = "visiting"
    payload = Visit
    counter: ClassVar[Iterator[int]] = itertools.count()

    def reference(self, payload: Visit) -> str:
        return payload.visit_id

    def facts(self, payload: Visit) -> Mapping[str, Fact]:
        return {"store": payload.store}


class Constant(Visiting):
    def reference(self, payload: Visit) -> str:
        return "visit"


class Random(Visiting):
    def reference(self, payload: Visit) -> str:
        return f"visit-{next(self.counter)}"


class Patchy(Visiting):
    def facts(self, payload: Visit) -> Mapping[str, Fact]:
        return {"store": payload.store} if payload.store == "Graz" else {}


class Local(BaseModel):
    visit_id: str = Field(description="Id of the visit.")
    at: AwareDatetime = Field(description="When.")


class Forgetful(EarningAction[Local]):
    """The day of the caller's own clock is lost when the instant is stored."""

    code = "visiting"
    payload = Local

    def reference(self, payload: Local) -> str:
        return f"{payload.visit_id}/{payload.at.date()}"


class Unread(Visiting):
    needs_approval = True


class BadCode(Visiting):
    code = "Visiting"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Visiting(), set()),
        (Constant(), {"test_other_activity_has_other_reference"}),
        (
            Random(),
            {
                "test_reading_again_gives_the_same",
                "test_stored_payload_says_the_same",
            },
        ),
        (Unread(), {"test_points_wait_as_meant"}),
        (Patchy(), {"test_rules_see_the_same_facts"}),
        (BadCode(), {"test_loads"}),
    ],
)
def test_mistake_is_found(action: Visiting, expected: set[str]) -> None:
    class Contract(EarningActionContract):
        earning_action = action
        payload = Visit(visit_id="v-1", store="Graz")
        other_payload = Visit(visit_id="v-2", store="Wien")
        refused = (({"store": 7}, "store"),)

    assert failures(Contract()) == expected


def test_what_storage_loses_is_found() -> None:
    class Contract(EarningActionContract):
        earning_action = Forgetful()
        payload = Local(
            visit_id="v-1", at=datetime.fromisoformat("2026-06-01T23:30:00-05:00")
        )

    assert failures(Contract()) == {"test_stored_payload_says_the_same"}


def test_what_is_let_through_or_misnamed_is_found() -> None:
    class Contract(EarningActionContract):
        earning_action = Visiting()
        payload = Visit(visit_id="v-1", store="Graz")

    class Accepted(Contract):
        refused = (({"store": "Wien"}, "store"),)

    class Misnamed(Contract):
        refused = (({"store": 7}, "visit_id"),)

    assert failures(Accepted()) == {"test_bad_payload_is_refused"}
    assert failures(Misnamed()) == {"test_bad_payload_is_refused"}


def failures(contract: EarningActionContract) -> set[str]:
    failed = set()
    for name in (one for one in dir(contract) if one.startswith("test_")):
        try:
            getattr(contract, name)()
        except Exception:  # noqa: BLE001 - whatever pytest would show as a failure
            failed.add(name)
    return failed
