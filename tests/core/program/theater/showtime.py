"""A theater that uses all that the contract offers, and obeys a script."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from core.extension.answers import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    PartlyFulfilled,
    RevocationRefused,
    Unknown,
)
from core.extension.earning_action import Fact
from core.extension.hookspecs import hookimpl
from core.extension.reward_type import RewardType

SECRET = "a secret of at least 24 characters"


class Showing(BaseModel):
    """One evening."""

    code: str = Field(description="Code.")
    seats: int = Field(description="Seats.")


class TheaterConfig(BaseModel):
    """Config."""

    showings: list[Showing] = Field(default=[], description="Evenings.")
    has_codes: bool = Field(default=False, description="Tickets from a pool.")
    adults_only: bool = Field(default=False, description="Adults only.")


class TheaterOptions(BaseModel):
    """Options."""

    showing: str = Field(default="", description="Which evening.")
    seats: int = Field(default=1, ge=1, le=9, description="How many.")


class Tickets(BaseModel):
    """Fulfillment."""

    numbers: list[str] = Field(description="Numbers.")


class TooYoung(BaseModel):
    """Refusal."""

    minimum_age: int = Field(description="Age.")


class Theater(RewardType[TheaterConfig, TheaterOptions, Tickets]):
    """Answers as `script` says, one word for each call, then properly."""

    code = "theater"
    config, options, fulfillment = TheaterConfig, TheaterOptions, Tickets
    refusals = (TooYoung,)
    reads_attributes = ("age",)
    review_after_hours = 2.0

    def __init__(self) -> None:
        self.script: list[str] = []
        self.calls: list[str] = []
        self.sold: dict[str, list[str]] = {}
        self.is_over = False

    def capacity(self, config: TheaterConfig) -> Mapping[str, int] | None:
        return {one.code: one.seats for one in config.showings} or None

    def uses_codes(self, config: TheaterConfig) -> bool:
        return config.has_codes

    def slot(
        self,
        config: TheaterConfig,
        options: TheaterOptions,
        attributes: Mapping[str, Fact],
    ) -> str:
        if config.showings and not options.showing:
            raise ValueError("choose an evening")
        return options.showing

    def quantity(self, options: TheaterOptions) -> int:
        return options.seats

    def precheck(self, request: Any) -> None:
        self._next("precheck")
        if self.is_over:
            raise FulfillmentRefused("it is over")
        age = request.attributes.get("age", 0)
        if request.config.adults_only and age < 18:
            raise FulfillmentRefused("for adults", TooYoung(minimum_age=18))

    def fulfill(self, request: Any) -> Any:
        word = self._next("fulfill")
        if word == "refuse":
            raise FulfillmentRefused("the stage burned down", TooYoung(minimum_age=21))
        numbers = list(request.codes) or [
            f"{request.slot}-{place}" for place in range(request.quantity)
        ]
        if word == "partly":
            return PartlyFulfilled(Tickets(numbers=numbers[:2]), 2)
        self.sold.setdefault(request.token, numbers)
        if word == "crash":
            raise RuntimeError("the answer was lost")
        if word == "forget":
            del self.sold[request.token]
            raise RuntimeError("nothing was sold")
        return Tickets(numbers=numbers)

    def probe(self, request: Any) -> Any:
        word = self._next("probe")
        if word == "unsure":
            return Unknown()
        sold = self.sold.get(request.token)
        return NotFulfilled() if sold is None else Fulfilled(Tickets(numbers=sold))

    def receive(self, request: Any, message: Mapping[str, Any]) -> Any:
        self._next("receive")
        if "refused" in message:
            raise FulfillmentRefused(message["refused"])
        if "sold" in message:
            self.sold[request.token] = message["sold"]
        return self.probe(request)

    def revoke(self, request: Any) -> None:
        if self._next("revoke") == "refuse":
            raise RevocationRefused("no")

    def _next(self, name: str) -> str:
        self.calls.append(name)
        return self.script.pop(0) if self.script else ""


class Plugin:
    """The theater as a plugin."""

    def __init__(self, theater: Theater) -> None:
        self._theater = theater

    @hookimpl
    def register_reward_types(self) -> list[Theater]:
        return [self._theater]


def reward(code: str, price: int = 10, **config: Any) -> dict[str, Any]:
    """Return an entry of a program document."""
    return {
        "code": code,
        "type": "theater",
        "name": code,
        "currency": "PTS",
        "price": price,
        "config": config,
    }


EVENINGS = [{"code": "fri", "seats": 3}, {"code": "sat", "seats": 1}]
HOUR = timedelta(hours=1) // timedelta(microseconds=1)
