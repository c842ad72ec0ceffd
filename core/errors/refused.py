"""Refusals: a rule said no, and nothing was changed."""

from core.errors.base import GuerdonError


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

    def __init__(self, *, requested: int, remaining: int) -> None:
        super().__init__(f"{requested} units requested, {remaining} left")
        self.requested = requested
        self.remaining = remaining


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


class AmountTooSmallError(RefusedError):
    """So few points buy nothing in the other currency."""

    code = "AMOUNT_TOO_SMALL"

    def __init__(self, *, required: int) -> None:
        super().__init__(f"at least {required} are required")
        self.required = required


class CurrencyRuleError(RefusedError):
    """The currency's own rules do not allow this."""

    code = "CURRENCY_RULE"

    def __init__(self, *, rule: str) -> None:
        super().__init__(f"not with this currency: {rule}")
        self.rule = rule


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
