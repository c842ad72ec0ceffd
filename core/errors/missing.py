"""Things that do not exist, or are not the caller's to see."""

from typing import ClassVar

from core.errors.base import GuerdonError


class NotFoundError(GuerdonError):
    """The thing named does not exist, or is not the caller's to see."""

    noun: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(f"no such {self.noun}")


class MemberNotFoundError(NotFoundError):
    """No such member in the caller's program."""

    code = "MEMBER_NOT_FOUND"
    noun = "member"


class RewardNotFoundError(NotFoundError):
    """No such reward in the caller's program."""

    code = "REWARD_NOT_FOUND"
    noun = "reward"


class RedemptionNotFoundError(NotFoundError):
    """No such redemption."""

    code = "REDEMPTION_NOT_FOUND"
    noun = "redemption"


class TransactionNotFoundError(NotFoundError):
    """No such transaction."""

    code = "TRANSACTION_NOT_FOUND"
    noun = "transaction"


class KeyNotFoundError(NotFoundError):
    """No such key in the caller's program."""

    code = "KEY_NOT_FOUND"
    noun = "key"


class ActivityTypeNotFoundError(NotFoundError):
    """No installed plugin brings this type of activity, and nobody registered it."""

    code = "ACTIVITY_TYPE_NOT_FOUND"
    noun = "activity type"


class ProgramVersionNotFoundError(NotFoundError):
    """The program has no version of this number."""

    code = "PROGRAM_VERSION_NOT_FOUND"
    noun = "version of the program"
