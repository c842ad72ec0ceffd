"""What the engine relies on in a reward type."""

from guerdon.testing.reward_calls import CallTests
from guerdon.testing.reward_messages import MessageTests
from guerdon.testing.reward_storage import StorageTests
from guerdon.testing.reward_wishes import WishTests


class RewardTypeContract(StorageTests, WishTests, CallTests, MessageTests):
    """Subclass it, name it `Test...`, and set at least `reward_type` and `config`.

    The samples that it understands are described in `RewardTypeSamples`. Each sample
    that you add is a promise of yours that is kept under test.
    """
