"""Refusals: a rule said no, and nothing was changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

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
    """The member has had this as often as is allowed.

    Attributes:
        limit: how often, or how many points, that is.
        unit: what is counted: `times` or `points`.
        resets_at: from when on it is allowed again, aware; None: that is not known.
        is_of_rule: whether a rule says so, not a reward.
    """

    code = "LIMIT_REACHED"

    def __init__(
        self,
        *,
        limit: int,
        unit: str = "times",
        resets_at: datetime | None = None,
        is_of_rule: bool = False,
    ) -> None:
        text = f"the limit of {limit} is reached"
        if resets_at is not None:
            text = f"{text} until {resets_at.isoformat(timespec='seconds')}"
        super().__init__(text)
        self.limit = limit
        self.unit = unit
        self.resets_at = resets_at
        self.is_of_rule = is_of_rule


class PriceChangedError(RefusedError):
    """The reward costs more than the caller agreed to."""

    code = "PRICE_CHANGED"

    def __init__(self, *, price: int, max_points: int) -> None:
        super().__init__(f"costs {price} points, at most {max_points} were allowed")
        self.price = price
        self.max_points = max_points


class QuoteStaleError(RefusedError):
    """A redemption would not be what was quoted; a new quote tells what it would be.

    Attributes:
        reason: what differs, in upper snake case.
        quoted_price: points in all, as quoted.
        price: points in all, now.
        quoted_lots: those of the quoted lots that would not be used like that, each as
            (lot, amount, expires_at_us); None, if there are too many to be listed.
        lots: those that would be used instead.
    """

    code = "QUOTE_STALE"

    def __init__(
        self,
        *,
        reason: str,
        quoted_price: int,
        price: int,
        quoted_lots: Sequence[tuple[int, int, int]] | None = (),
        lots: Sequence[tuple[int, int, int]] = (),
    ) -> None:
        super().__init__(
            f"not as quoted ({reason}): {quoted_price} points were quoted, it costs "
            f"{price}; ask for a new quote"
        )
        self.reason = reason
        self.quoted_price = quoted_price
        self.price = price
        self.quoted_lots = quoted_lots
        self.lots = lots


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


class ApprovalStateError(RefusedError):
    """The activity waits for no decision: it needs none, or one was made."""

    code = "APPROVAL_STATE"

    def __init__(self, *, status: str) -> None:
        super().__init__(f"waits for no decision: it is {status}")
        self.status = status


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
    """The partner said no; no points are spent.

    Where the plugin gave a detail, `refusal_type` names its model among the refusals of
    `reward_type`, and `detail` is its document.
    """

    code = "FULFILLMENT_REFUSED"

    def __init__(
        self,
        *,
        reason: str,
        reward_type: str | None = None,
        refusal_type: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"the reward was refused: {reason}")
        self.reason = reason
        self.reward_type = reward_type
        self.refusal_type = refusal_type
        self.detail = detail


class RevocationRefusedError(RefusedError):
    """The partner does not take the reward back; nothing was changed."""

    code = "REVOCATION_REFUSED"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the reward cannot be taken back: {reason}")
        self.reason = reason
