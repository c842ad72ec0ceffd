"""Earning actions: what a plugin writes so that something members do can earn points.

An action names its *payload* model and tells what makes one report unique, who may be
believed, and which *facts* rules may use. It never says how many points there are: that
is for the rules of the program, which marketing changes without a deployment.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

PayloadT = TypeVar("PayloadT", bound=BaseModel)

Fact = int | str | bool
"""A value that a rule may use."""


class Trust(StrEnum):
    """Whose report of an action is believed."""

    INTEGRATOR = "integrator"
    """Only that of a system of the operator, such as the shop."""

    MEMBER = "member"
    """Also that of the member, from an app or a browser."""


class Uniqueness(StrEnum):
    """Where a reference may occur once only."""

    PROGRAM = "program"
    """Once in the whole program: an order belongs to one member."""

    MEMBER = "member"
    """Once for each member: everybody signs up once."""


class EarningAction(ABC, Generic[PayloadT]):
    """A kind of activity. A plugin subclasses it and registers an instance.

    The methods are plain, quick, and depend on nothing but the payload.
    """

    code: ClassVar[str]
    """Name in snake_case, stored and published: chosen once, for ever."""

    payload: type[PayloadT]
    """What is reported about one such activity."""

    trust: ClassVar[Trust] = Trust.INTEGRATOR
    """Whose report is believed."""

    uniqueness: ClassVar[Uniqueness] = Uniqueness.PROGRAM
    """Where `reference` may occur once only."""

    needs_approval: ClassVar[bool] = False
    """Whether its points wait until a person has decided, such as about a review."""

    version: ClassVar[int] = 1
    """Version of the payload model."""

    @abstractmethod
    def reference(self, payload: PayloadT) -> str:
        """Return what makes the activity unique, such as the id of the order.

        Reported twice under one reference, an activity earns once.
        """

    def facts(self, payload: PayloadT) -> Mapping[str, Fact]:
        """Return the values that rules may use, by name in snake_case."""
        return {}

    def occurred_at(self, payload: PayloadT) -> datetime | None:
        """Return when it happened, aware, if the payload says so."""
        return None


AnyEarningAction = EarningAction[Any]
