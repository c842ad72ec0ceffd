"""Reports of activities: what a payload says, or whose fault it is that it does not."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import AwareDatetime, BaseModel, Field

from core.errors import PluginFailedError
from core.extension.earning_action import EarningAction, Fact
from core.extension.reports import read_report


class Visit(BaseModel):
    visit_id: str = Field(description="Id of the visit.")
    at: AwareDatetime = Field(description="When.")


class Visiting(EarningAction[Visit]):
    code = "visiting"
    payload = Visit

    def reference(self, payload: Visit) -> str:
        return payload.visit_id

    def facts(self, payload: Visit) -> Mapping[str, Fact]:
        return {"hour": payload.at.hour, "is_early": payload.at.hour < 8}

    def occurred_at(self, payload: Visit) -> datetime | None:
        return payload.at


VALUES = {"visit_id": "v-1", "at": "2026-06-01T07:30:00Z"}


def test_report_has_all_that_the_payload_says() -> None:
    report = read_report(Visiting(), VALUES)

    assert report.document == '{"visit_id":"v-1","at":"2026-06-01T07:30:00.000000Z"}'
    assert report.reference == "v-1"
    assert report.facts == {"hour": 7, "is_early": True}
    assert report.occurred_at == datetime(2026, 6, 1, 7, 30, tzinfo=UTC)


def test_same_activity_in_other_words_is_the_same_document() -> None:
    elsewhere = {"at": "2026-06-01T09:30:00+02:00", "visit_id": "v-1"}

    assert (
        read_report(Visiting(), elsewhere).document
        == read_report(Visiting(), VALUES).document
    )


@pytest.mark.parametrize(
    ("method", "answer", "reason"),
    [
        ("reference", "", "reference is not a text of 1 to 255 characters"),
        ("reference", "x" * 256, "reference is not a text of 1 to 255 characters"),
        ("reference", 7, "reference is not a text of 1 to 255 characters"),
        ("facts", None, "facts is not a mapping"),
        ("facts", {"Hour": 7}, "the fact 'Hour' is not named in snake_case"),
        ("facts", {"hour": 7.5}, "the fact hour is a float"),
        ("facts", {"hour": None}, "the fact hour is a NoneType"),
        ("occurred_at", "today", "occurred_at is not an instant with a time zone"),
        (
            "occurred_at",
            datetime(2026, 6, 1),  # noqa: DTZ001
            "occurred_at is not an instant with a time zone",
        ),
    ],
)
def test_wrong_answer_is_the_plugins_fault(
    monkeypatch: pytest.MonkeyPatch, method: str, answer: Any, reason: str
) -> None:
    monkeypatch.setattr(Visiting, method, lambda *_: answer)

    with pytest.raises(PluginFailedError) as caught:
        read_report(Visiting(), VALUES)

    assert (caught.value.plugin, caught.value.reason) == ("visiting", reason)


@pytest.mark.parametrize("method", ["reference", "facts", "occurred_at"])
def test_exception_is_the_plugins_fault(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(Visiting, method, fail)

    with pytest.raises(PluginFailedError) as caught:
        read_report(Visiting(), VALUES)

    assert caught.value.reason == f"{method} raised ValueError"
