"""Limits: what they count."""

from enum import Enum

import strawberry


@strawberry.enum(description="What a limit counts.")
class LimitUnit(Enum):
    """See the description."""

    TIMES = strawberry.enum_value("times", description="How often something happens.")
    POINTS = strawberry.enum_value("points", description="Points that are given.")
