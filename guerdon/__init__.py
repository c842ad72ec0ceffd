"""What a plugin needs: the whole public API for partners, and nothing else.

Import from here only; where these names live behind it may change. `guerdon.testing`
has the contract tests that every plugin should pass.
"""

from core.extension.answers import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    PartlyFulfilled,
    Probed,
    RevocationRefused,
    Unknown,
)
from core.extension.code_reward import Code, CodeReward, CodeTerms
from core.extension.codes import derive_code
from core.extension.earning_action import EarningAction, Fact, Trust, Uniqueness
from core.extension.hookspecs import hookimpl
from core.extension.money import Money
from core.extension.reward_type import Part, RewardRequest, RewardType, Stored
from core.extension.visibility import Visibility

__all__ = [
    "Code",
    "CodeReward",
    "CodeTerms",
    "EarningAction",
    "Fact",
    "Fulfilled",
    "FulfillmentRefused",
    "Money",
    "NotFulfilled",
    "Part",
    "PartlyFulfilled",
    "Probed",
    "RevocationRefused",
    "RewardRequest",
    "RewardType",
    "Stored",
    "Trust",
    "Uniqueness",
    "Unknown",
    "Visibility",
    "derive_code",
    "hookimpl",
]
