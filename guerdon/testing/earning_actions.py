"""What the engine relies on in an earning action."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from core.errors import InvalidPayloadError
from core.extension.earning_action import AnyEarningAction
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry
from core.extension.reports import Report, read_report


class _Bundle:
    """A plugin that brings one earning action."""

    def __init__(self, earning_action: AnyEarningAction) -> None:
        self._earning_action = earning_action

    @hookimpl
    def register_earning_actions(self) -> list[AnyEarningAction]:
        return [self._earning_action]


class EarningActionContract:
    """Subclass it, name it `Test...`, and set `earning_action` and `payload`."""

    earning_action: ClassVar[AnyEarningAction]
    """The earning action under test."""

    payload: ClassVar[BaseModel]
    """The report of one activity."""

    other_payload: ClassVar[BaseModel | None] = None
    """The report of another activity; None if a member has one only."""

    needs_approval: ClassVar[bool] = False
    """Whether points are meant to wait for a person: said twice, since it is money."""

    refused: ClassVar[Sequence[tuple[Mapping[str, Any], str]]] = ()
    """Changes of `payload` that must be refused, with the field to be named."""

    def test_loads(self) -> None:
        """Guerdon starts with it: code, payload, descriptions and types are fine."""
        registry = Registry.of(_Bundle(self.earning_action))

        assert registry.earning_actions == (self.earning_action,)

    def test_payload_survives_storage(self) -> None:
        """The activity is kept as it was reported."""
        report = self._read(self.payload)

        model = self.earning_action.payload
        assert model.model_validate_json(report.document) == self.payload

    def test_reading_again_gives_the_same(self) -> None:
        """A repeated report must be known as one, in any process."""
        assert self._read(self.payload) == self._read(self.payload)

    def test_stored_payload_says_the_same(self) -> None:
        """Whoever reads it years later finds the same reference, facts and instant."""
        for payload in (self.payload, self._other()):
            report = self._read(payload)

            assert read_report(self.earning_action, json.loads(report.document)) == (
                report
            )

    def test_points_wait_as_meant(self) -> None:
        """What a person must look at does not earn at once, and the rest does."""
        assert self.earning_action.needs_approval is self.needs_approval

    def test_unknown_member_is_refused(self) -> None:
        """A typing mistake in a name must not be taken for a report without it."""
        assert self._misfit({"no_such_member": 1}) == "no_such_member"

    def test_missing_member_is_named(self) -> None:
        """Whoever reports is told what is missing."""
        for name, field in self.earning_action.payload.model_fields.items():
            if field.is_required():
                assert self._misfit({}, without=name) == name

    def test_bad_payload_is_refused(self) -> None:
        """Whoever reports is told which member is wrong."""
        for change, name in self.refused:
            assert self._misfit(change) == name, change

    def test_other_activity_has_other_reference(self) -> None:
        """Two activities under one reference would earn once."""
        if self.other_payload is None:
            return
        report, other = self._read(self.payload), self._read(self.other_payload)

        assert other.reference != report.reference

    def test_rules_see_the_same_facts(self) -> None:
        """A rule that uses a fact needs it in every report, of one type."""
        report, other = self._read(self.payload), self._read(self._other())

        assert {name: type(fact) for name, fact in report.facts.items()} == {
            name: type(fact) for name, fact in other.facts.items()
        }

    def _misfit(self, change: Mapping[str, Any], without: str = "") -> str:
        """Return the member that is named when `payload` is reported with a change."""
        values = json.loads(self._read(self.payload).document) | dict(change)
        values.pop(without, None)
        try:
            read_report(self.earning_action, values)
        except InvalidPayloadError as error:
            return error.field
        return "nothing: it was accepted"

    def _other(self) -> BaseModel:
        return self.payload if self.other_payload is None else self.other_payload

    def _read(self, payload: BaseModel) -> Report:
        return read_report(self.earning_action, payload.model_dump())
