"""A partner's lounges, in two versions that have little in common."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from core.extension.hookspecs import hookimpl
from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    Money,
    NotFulfilled,
    Part,
    RewardRequest,
    RewardType,
    Stored,
    Visibility,
)


class Meal(StrEnum):
    """What is served.

    NONE: Drinks only.
    WARM_MEAL: A dish of the day.
    """

    NONE = "none"
    WARM_MEAL = "warm"


class Gate(BaseModel):
    """One way in."""

    name: str = Field(description="What it is called.")
    door_code: Annotated[str, Visibility.MEMBER] = Field(description="Opens it")


class Contact(BaseModel):
    """Who helps."""

    name: str = Field(description="Whom to ask for.")
    phone: Annotated[str, Visibility.STAFF] = Field(description="Their number.")


class LoungeConfig(BaseModel):
    """What an operator sets for one lounge."""

    airport: str = Field(pattern="^[A-Z]{3}$", description="IATA code of the airport.")
    supplier: Annotated[str | None, Visibility.STAFF] = Field(
        default=None, max_length=20, description="Who is paid."
    )
    contact: Contact | None = Field(default=None, description="Who helps.")
    gates: list[Gate] = Field(default=[], max_length=5, description="Ways in.")
    meals: list[Meal] = Field(default=[Meal.NONE], description="What is served.")


class LoungeOptions(BaseModel):
    """What a member chooses when redeeming."""

    guests: int = Field(default=0, ge=0, le=2, description="Guests who come along.")
    meal: Meal = Field(default=Meal.NONE, description="What is eaten")
    names: list[Annotated[str, Field(min_length=1)]] = Field(
        default=[], max_length=2, description="Names of the guests."
    )
    day: date = Field(default=date(2027, 2, 1), description="When.")
    tip: Decimal | None = Field(
        default=Decimal("0.50"), gt=0, lt=10, decimal_places=2, description="A tip."
    )
    budget: Money | None = Field(default=None, description="Most that is spent.")


class Seat(BaseModel):
    """One seat."""

    row: int = Field(ge=1, le=99, description="Which row.")
    gate: Gate = Field(description="The way to it.")


class LoungePass(BaseModel):
    """What the member gets."""

    code: Annotated[str, Visibility.MEMBER] = Field(description="Shown at the desk.")
    seats: list[Seat] = Field(description="Where to sit.")
    issued_at: datetime = Field(description="When.")


class TooYoung(BaseModel):
    """The member is too young for this lounge."""

    minimum_age: int = Field(ge=1, le=99, description="Age in years")
    meals: list[Meal] = Field(default=[], description="What is served instead.")
    fee: Money | None = Field(default=None, description="What an exception costs.")
    opens_at: datetime | None = Field(default=None, description="When to come back.")


Request = RewardRequest[Any, Any]


class Lounge(RewardType[LoungeConfig, LoungeOptions, LoungePass]):
    """One visit to an airport lounge."""

    code = "lounge"
    config, options, fulfillment = LoungeConfig, LoungeOptions, LoungePass
    refusals: Any = (TooYoung,)

    def __init__(self) -> None:
        self.is_silent = False
        self.refusal: FulfillmentRefused | None = None
        self.asked: list[Request] = []

    def fulfill(self, request: Request) -> LoungePass:
        self.asked.append(request)
        if self.refusal is not None:
            raise self.refusal
        if self.is_silent:
            raise ConnectionError
        return self.made(request)

    def made(self, request: Request) -> Any:
        gate = Gate(name="North", door_code="4711")
        return LoungePass(
            code=f"PASS-{request.quantity}",
            seats=[Seat(row=7, gate=gate)],
            issued_at=request.requested_at,
        )

    def probe(self, request: Request) -> Fulfilled[LoungePass] | NotFulfilled:
        self.asked.append(request)
        return Fulfilled(self.made(request))


class LoungeConfig2(BaseModel):
    """What an operator sets for one lounge."""

    airport_code: str = Field(description="IATA code of the airport.")
    terminal: int = Field(ge=1, le=9, description="Where it is.")
    supplier: Annotated[str | None, Visibility.STAFF] = Field(
        default=None, description="Who is paid."
    )


class LoungePass2(BaseModel):
    """What the member gets."""

    pass_code: Annotated[str, Visibility.MEMBER] = Field(description="Shown inside.")
    tier: Meal = Field(description="What is served.")
    gate: Gate = Field(description="The way in.")


class Lounge2(RewardType[LoungeConfig2, LoungeOptions, LoungePass2]):
    """One visit to an airport lounge."""

    code = "lounge"
    version = 2
    config, options, fulfillment = LoungeConfig2, LoungeOptions, LoungePass2

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def fulfill(self, request: Request) -> LoungePass2:
        self.asked.append(request)
        gate = Gate(name="South", door_code="0815")
        return LoungePass2(pass_code="NEW", tier=Meal.WARM_MEAL, gate=gate)

    def probe(self, request: Request) -> Fulfilled[LoungePass2]:
        return Fulfilled(self.fulfill(request))

    def upgrade(self, old: Stored) -> dict[str, Any]:
        document = old.document
        match old.part:
            case Part.CONFIG:
                return {
                    "airport_code": document["airport"],
                    "terminal": {"VIE": 3, "GRZ": 1}[document["airport"]],
                    "supplier": document["supplier"],
                }
            case Part.FULFILLMENT:
                return {
                    "pass_code": document["code"].lower(),
                    "tier": "none",
                    "gate": document["seats"][0]["gate"],
                }
            case Part.OPTIONS:
                return document


class Plugin:
    """A plugin that brings one reward type."""

    __name__ = "acme"

    def __init__(self, reward_type: RewardType[Any, Any, Any]) -> None:
        self._reward_type = reward_type

    @hookimpl
    def register_reward_types(self) -> list[Any]:
        return [self._reward_type]


def lounge(code: str, **config: Any) -> dict[str, Any]:
    """Return a reward of the program."""
    return {
        "code": code,
        "type": "lounge",
        "name": code.title(),
        "currency": "PTS",
        "price": 10,
        "config": config,
    }


VIENNA = lounge(
    "vienna",
    airport="VIE",
    supplier="Acme Ltd",
    contact={"name": "Eve", "phone": "555-1234"},
    gates=[
        {"name": "North", "door_code": "4711"},
        {"name": "South", "door_code": "0815"},
    ],
    meals=["none", "warm"],
)
GRAZ = lounge("graz", airport="GRZ")
