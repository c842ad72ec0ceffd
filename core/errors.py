"""Errors that callers of the core are expected to handle.

::

    GuerdonError
    ├── CursorAheadError                   a stream position this database lacks
    ├── InvalidInputError                  a value that could never be accepted
    ├── ConfigurationError                 settings or a program definition are wrong
    ├── ForbiddenError                     the caller's role does not allow it
    ├── NotFoundError                      the thing named does not exist
    │   ├── MemberNotFoundError
    │   ├── RewardNotFoundError
    │   ├── RedemptionNotFoundError
    │   ├── TransactionNotFoundError
    │   └── ActivityTypeNotFoundError
    ├── RefusedError                       a rule said no; nothing was changed
    │   ├── InsufficientPointsError
    │   ├── OutOfStockError
    │   ├── LimitReachedError
    │   ├── PriceChangedError
    │   ├── RewardUnavailableError
    │   ├── InvalidOptionsError
    │   ├── InvalidPayloadError
    │   ├── IdempotencyConflictError
    │   ├── DuplicateActivityError
    │   ├── IdentifierTakenError
    │   ├── NotReversibleError
    │   ├── RedemptionStateError
    │   ├── MemberNotActiveError
    │   ├── AmountTooLargeError
    │   ├── FulfillmentRefusedError
    │   └── RevocationRefusedError
    ├── PluginError                        a plugin is at fault, never the caller
    │   ├── PluginLoadError
    │   └── PluginFailedError
    └── UnavailableError                   try again; the same key makes that safe
        ├── BusyError
        ├── DatabaseUnreachableError
        └── OutcomeUnknownError

Attributes come first and the message is made from them, so clients and logs never
parse text. Codes are stable and part of the public API.
"""

from typing import ClassVar


class GuerdonError(Exception):
    """Base class of every error the core raises on purpose."""

    code: ClassVar[str]
    """Stable name for machines; never changed, never reused."""


class InvalidInputError(GuerdonError):
    """A value that could never be accepted; nothing was looked up or stored."""

    code = "BAD_USER_INPUT"

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class CursorAheadError(GuerdonError):
    """A cursor names what this database does not have, as after a restore.

    Read the present state and go on from there.
    """

    code = "CURSOR_AHEAD"

    def __init__(self) -> None:
        super().__init__("the cursor is ahead of this database; begin without it")


class ConfigurationError(GuerdonError):
    """Settings or a program definition are wrong; says what to change."""

    code = "CONFIGURATION_INVALID"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ForbiddenError(GuerdonError):
    """The caller's role does not allow this; nothing was looked up."""

    code = "FORBIDDEN"

    def __init__(self, *, scope: str) -> None:
        super().__init__(f"needs the scope {scope}")
        self.scope = scope


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


class ActivityTypeNotFoundError(NotFoundError):
    """No installed plugin knows this type of activity."""

    code = "ACTIVITY_TYPE_NOT_FOUND"
    noun = "activity type"


class RefusedError(GuerdonError):
    """A rule said no; nothing was changed."""


class InsufficientPointsError(RefusedError):
    """The member has fewer points than are needed."""

    code = "INSUFFICIENT_POINTS"

    def __init__(self, *, required: int, available: int) -> None:
        super().__init__(f"{required} points required, {available} available")
        self.required = required
        self.available = available


class OutOfStockError(RefusedError):
    """Fewer units of the reward are left than were asked for."""

    code = "OUT_OF_STOCK"

    def __init__(self, *, required: int, available: int) -> None:
        super().__init__(f"{required} units required, {available} left")
        self.required = required
        self.available = available


class LimitReachedError(RefusedError):
    """The member has had this as often as is allowed."""

    code = "LIMIT_REACHED"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"the limit of {limit} is reached")
        self.limit = limit


class PriceChangedError(RefusedError):
    """The reward costs more than the caller agreed to."""

    code = "PRICE_CHANGED"

    def __init__(self, *, price: int, max_points: int) -> None:
        super().__init__(f"costs {price} points, at most {max_points} were allowed")
        self.price = price
        self.max_points = max_points


class RewardUnavailableError(RefusedError):
    """The reward is not on offer."""

    code = "REWARD_UNAVAILABLE"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the reward is not on offer: {reason}")
        self.reason = reason


class InvalidOptionsError(RefusedError):
    """The options do not fit the reward type."""

    code = "INVALID_OPTIONS"

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"option {field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidPayloadError(RefusedError):
    """The payload does not fit the activity type."""

    code = "INVALID_PAYLOAD"

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(f"payload {field}: {reason}")
        self.field = field
        self.reason = reason


class IdempotencyConflictError(RefusedError):
    """The key was used before, for something else."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for a different request")


class DuplicateActivityError(RefusedError):
    """The same business reference was recorded before, with other content."""

    code = "DUPLICATE_ACTIVITY"

    def __init__(self, *, source: str, external_id: str) -> None:
        super().__init__(f"{source} {external_id!r} was recorded with other content")
        self.source = source
        self.external_id = external_id


class IdentifierTakenError(RefusedError):
    """Another member of the program has this identifier."""

    code = "IDENTIFIER_TAKEN"

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"another member has this {kind}")
        self.kind = kind


class NotReversibleError(RefusedError):
    """This transaction cannot be reversed, or not by so much."""

    code = "NOT_REVERSIBLE"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"cannot be reversed: {reason}")
        self.reason = reason


class RedemptionStateError(RefusedError):
    """The redemption's present state does not allow this."""

    code = "REDEMPTION_STATE"

    def __init__(self, *, status: str) -> None:
        super().__init__(f"not possible while the redemption is {status}")
        self.status = status


class MemberNotActiveError(RefusedError):
    """The member is frozen or closed."""

    code = "MEMBER_NOT_ACTIVE"

    def __init__(self) -> None:
        super().__init__("the member is not active")


class AmountTooLargeError(RefusedError):
    """A balance would exceed what every client can read exactly (2^53 - 1)."""

    code = "AMOUNT_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__("a balance cannot exceed 9007199254740991")


class FulfillmentRefusedError(RefusedError):
    """The partner said no; the points were given back."""

    code = "FULFILLMENT_REFUSED"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the reward was refused: {reason}")
        self.reason = reason


class RevocationRefusedError(RefusedError):
    """The partner does not take the reward back; nothing was changed."""

    code = "REVOCATION_REFUSED"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the reward cannot be taken back: {reason}")
        self.reason = reason


class PluginError(GuerdonError):
    """A plugin is at fault, never the caller."""


class PluginLoadError(PluginError):
    """A plugin cannot be loaded; the start stops here."""

    code = "PLUGIN_LOAD_FAILED"

    def __init__(self, *, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r}: {reason}")
        self.plugin = plugin
        self.reason = reason


class PluginFailedError(PluginError):
    """A plugin raised, or answered against its contract; nothing was changed."""

    code = "PLUGIN_FAILED"

    def __init__(self, *, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r}: {reason}")
        self.plugin = plugin
        self.reason = reason


class UnavailableError(GuerdonError):
    """Not now; the same request with the same key is safe to repeat."""


class BusyError(UnavailableError):
    """Too much is waiting; nothing was begun."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("too many requests are waiting; try again")


class DatabaseUnreachableError(UnavailableError):
    """The database cannot be opened."""

    code = "DATABASE_UNREACHABLE"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the database cannot be opened: {reason}")
        self.reason = reason


class OutcomeUnknownError(UnavailableError):
    """The database did not answer in time; it may or may not have happened."""

    code = "OUTCOME_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("the outcome is unknown; repeat with the same key")
