"""The form of a program document."""

import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.extension.earning_action import Trust, Uniqueness
from core.ledger.codes import MAX_AMOUNT
from core.program.rules import RuleDefinition
from core.program.wording import Name, Names, Tag, Texts, Wording

_CODE = "^[a-z][a-z0-9_]{0,62}$"


class Approval(StrEnum):
    """Who must agree before a version is published."""

    NONE = "none"
    TWO_PEOPLE = "two_people"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CurrencyPart(_Part):
    """A currency."""

    code: str = Field(pattern="^[A-Z][A-Z0-9]{1,11}$")
    name: Name
    names: Names = Field(default_factory=dict)
    scale: int = Field(default=0, ge=0, le=6)
    qualifying: bool = True
    redeemable: bool = True
    transferable: bool = False
    floor: int = Field(default=0, ge=0, le=MAX_AMOUNT)


class RulePart(RuleDefinition):
    """What an activity earns."""

    code: str = Field(pattern=_CODE)
    activity: str = Field(pattern=_CODE)
    currency: str


class BudgetPart(_Part):
    """Points that the rules which name it may give in all."""

    code: str = Field(pattern=_CODE)
    points: int = Field(gt=0, le=MAX_AMOUNT)


class ActivityPart(_Part):
    """A type of activity; `schema` is the JSON Schema of its payload."""

    code: str
    name: str
    description: str | None = None
    payload_schema: dict[str, Any] = Field(alias="schema")
    reference: str
    trust: Trust = Trust.INTEGRATOR
    uniqueness: Uniqueness = Uniqueness.PROGRAM
    needs_approval: bool = False
    facts: list[str] = Field(default_factory=list)


class TierPart(_Part):
    """A level, reached at `threshold` qualifying points earned ever."""

    code: str = Field(pattern=_CODE)
    name: Name
    names: Names = Field(default_factory=dict)
    threshold: int = Field(ge=0, le=MAX_AMOUNT)


class RewardPart(_Part):
    """An item of the catalog; `config` is as its reward type says."""

    code: str = Field(pattern=_CODE)
    type: str = Field(pattern=_CODE)
    name: Name
    names: Names = Field(default_factory=dict)
    description: Wording | None = None
    descriptions: Texts = Field(default_factory=dict)
    currency: str
    price: int = Field(gt=0, le=MAX_AMOUNT)
    limit_per_member: int | None = Field(default=None, gt=0)
    active: bool = True
    config: dict[str, Any] = Field(default_factory=dict)


class Document(_Part):
    """A whole program; `language` is that of all its names and texts."""

    code: str = Field(pattern=_CODE)
    language: Tag = "en"
    name: Name
    names: Names = Field(default_factory=dict)
    time_zone: str = "UTC"
    approval: Approval = Approval.NONE
    currencies: list[CurrencyPart] = Field(min_length=1)
    activities: list[ActivityPart] = Field(default_factory=list)
    budgets: list[BudgetPart] = Field(default_factory=list)
    rules: list[RulePart] = Field(default_factory=list)
    tiers: list[TierPart] = Field(default_factory=list)
    rewards: list[RewardPart] = Field(default_factory=list)


def canonical(document: Document) -> str:
    """Return a document as the JSON text that is stored: every default is told.

    What was published means the same, whatever the defaults of a later release.
    """
    values = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Document:
    """Return a stored document."""
    return Document.model_validate_json(text)
