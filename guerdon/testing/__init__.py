"""Contract tests for plugins: what the engine relies on, as code.

Subclass a contract in a test module, name your object and a sample, and run pytest::

    class TestLounge(RewardTypeContract):
        reward_type = Lounge()
        config = LoungeConfig(airport="VIE")
        options = LoungeOptions(guests=1)

The built-in plugins pass the same tests.
"""

import pytest

pytest.register_assert_rewrite(
    "guerdon.testing.earning_actions",
    "guerdon.testing.reward_calls",
    "guerdon.testing.reward_messages",
    "guerdon.testing.reward_storage",
    "guerdon.testing.reward_wishes",
    "guerdon.testing.samples",
)

# Pytest explains asserts only of modules that are imported after they were named.
from guerdon.testing.earning_actions import EarningActionContract  # noqa: E402
from guerdon.testing.reward_types import RewardTypeContract  # noqa: E402
from guerdon.testing.samples import Case  # noqa: E402

__all__ = ["Case", "EarningActionContract", "RewardTypeContract"]
