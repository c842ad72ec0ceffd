"""What operators set, what members choose and get, and why they may not have it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from guerdon import Money, Visibility


class Meal(StrEnum):
    """What is served.

    NONE: Drinks only.
    SNACK: Something cold.
    DINNER: Three courses.
    """

    NONE = "none"
    SNACK = "snack"
    DINNER = "dinner"


class LoungeConfig(BaseModel):
    """What an operator sets for one lounge."""

    airport: str = Field(pattern="^[A-Z]{3}$", description="IATA code of the airport.")
    open_from: date = Field(description="First day of the season.")
    open_until: date = Field(description="Last day of the season.")
    minimum_age: int = Field(default=0, ge=0, le=99, description="Age of admission.")
    meals: list[Meal] = Field(default=[Meal.SNACK], description="Meals to choose from.")
    rate: Annotated[Money | None, Visibility.STAFF] = Field(
        default=None, description="What Acme charges for each visitor."
    )


class Guest(BaseModel):
    """Somebody who comes along."""

    name: str = Field(min_length=1, max_length=80, description="Name on the list.")
    is_child: bool = Field(default=False, description="Whether it is under 12.")


class LoungeOptions(BaseModel):
    """What a member chooses when redeeming."""

    visit_on: date = Field(description="Day of the visit.")
    meal: Meal = Field(default=Meal.NONE, description="What to eat.")
    guests: list[Guest] = Field(
        default=[],
        max_length=3,
        description="Who comes along, each for the same price.",
    )


class LoungePass(BaseModel):
    """What the member gets."""

    code: Annotated[str, Visibility.MEMBER] = Field(description="Shown at the desk.")
    visit_on: date = Field(description="Day of the visit.")
    valid_until: datetime = Field(description="Last moment of entry.")
    worth: Money = Field(description="What it costs at the desk.")
    visitors: int = Field(ge=1, description="How many may enter.")


class TooYoung(BaseModel):
    """The member is too young for this lounge."""

    minimum_age: int = Field(description="Age of admission.")


class Closed(BaseModel):
    """The lounge takes no visitors on that day."""

    open_from: date = Field(description="First day of the season.")
    open_until: date = Field(description="Last day of the season.")


class FullyBooked(BaseModel):
    """There is no room on that day."""

    next_free_on: date | None = Field(description="The next day with room, if any.")
