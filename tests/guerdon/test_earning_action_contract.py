"""The kit for earning actions finds the mistakes that it is there for."""

import itertools
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest
from pydantic import BaseModel, Field

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


class BadCode(Visiting):
    code = "Visiting"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Visiting(), set()),
        (Constant(), {"test_other_activity_has_other_reference"}),
        (Random(), {"test_reading_again_gives_the_same"}),
        (Patchy(), {"test_rules_see_the_same_facts"}),
        (BadCode(), {"test_loads"}),
    ],
)
def test_mistake_is_found(action: Visiting, expected: set[str]) -> None:
    class Contract(EarningActionContract):
        earning_action = action
        payload = Visit(visit_id="v-1", store="Graz")
        other_payload = Visit(visit_id="v-2", store="Wien")

    contract = Contract()
    failed = set()
    for name in (one for one in dir(contract) if one.startswith("test_")):
        try:
            getattr(contract, name)()
        except Exception:  # noqa: BLE001 - whatever pytest would show as a failure
            failed.add(name)

    assert failed == expected
