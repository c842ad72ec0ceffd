"""Errors that callers of the core are expected to handle.

::

    GuerdonError
    ├── CursorAheadError                   a stream position this database lacks
    ├── InvalidInputError                  a value that could never be accepted
    ├── ConfigurationError                 settings or a program definition are wrong
    ├── DamagedFileError                   an export that is not as it was written
    ├── DatabaseNotEmptyError              a restore needs an empty database
    ├── ForbiddenError                     the caller's role does not allow it
    ├── NotFoundError                      the thing named does not exist
    │   ├── MemberNotFoundError
    │   ├── RewardNotFoundError
    │   ├── RedemptionNotFoundError
    │   ├── TransactionNotFoundError
    │   ├── KeyNotFoundError
    │   ├── ActivityTypeNotFoundError
    │   └── ProgramVersionNotFoundError
    ├── RefusedError                       a rule said no; nothing was changed
    │   ├── InsufficientPointsError
    │   ├── OutOfStockError
    │   ├── LimitReachedError
    │   ├── PriceChangedError
    │   ├── QuoteStaleError
    │   ├── RewardUnavailableError
    │   ├── InvalidOptionsError
    │   ├── InvalidPayloadError
    │   ├── IdempotencyConflictError
    │   ├── DuplicateActivityError
    │   ├── IdentifierTakenError
    │   ├── NotReversibleError
    │   ├── ApprovalStateError
    │   ├── RedemptionStateError
    │   ├── MemberNotActiveError
    │   ├── AmountTooLargeError
    │   ├── AmountTooSmallError
    │   ├── CurrencyRuleError
    │   ├── FulfillmentRefusedError
    │   ├── RevocationRefusedError
    │   ├── ProgramFaultyError
    │   ├── ProgramVersionStateError
    │   ├── ProgramVersionOutdatedError
    │   ├── SecondPersonNeededError
    │   ├── ProgramCodeTakenError
    │   └── NotASandboxError
    ├── PluginError                        a plugin is at fault, never the caller
    │   ├── PluginLoadError
    │   └── PluginFailedError
    └── UnavailableError                   try again; the same key makes that safe
        ├── BusyError
        ├── DatabaseFailedError
        ├── DatabaseUnreachableError
        └── OutcomeUnknownError

Attributes come first and the message is made from them, so clients and logs never
parse text. Codes are stable and part of the public API.
"""

from core.errors.base import (
    ConfigurationError,
    CursorAheadError,
    DamagedFileError,
    DatabaseNotEmptyError,
    ForbiddenError,
    GuerdonError,
    InvalidInputError,
)
from core.errors.faults import (
    BusyError,
    DatabaseFailedError,
    DatabaseUnreachableError,
    OutcomeUnknownError,
    PluginError,
    PluginFailedError,
    PluginLoadError,
    UnavailableError,
)
from core.errors.missing import (
    ActivityTypeNotFoundError,
    KeyNotFoundError,
    MemberNotFoundError,
    NotFoundError,
    ProgramVersionNotFoundError,
    RedemptionNotFoundError,
    RewardNotFoundError,
    TransactionNotFoundError,
)
from core.errors.programs import (
    NotASandboxError,
    ProgramCodeTakenError,
    ProgramFaultyError,
    ProgramVersionOutdatedError,
    ProgramVersionStateError,
    SecondPersonNeededError,
)
from core.errors.refused import (
    AmountTooLargeError,
    AmountTooSmallError,
    ApprovalStateError,
    CurrencyRuleError,
    DuplicateActivityError,
    FulfillmentRefusedError,
    IdempotencyConflictError,
    IdentifierTakenError,
    InsufficientPointsError,
    InvalidOptionsError,
    InvalidPayloadError,
    LimitReachedError,
    MemberNotActiveError,
    NotReversibleError,
    OutOfStockError,
    PriceChangedError,
    QuoteStaleError,
    RedemptionStateError,
    RefusedError,
    RevocationRefusedError,
    RewardUnavailableError,
)

__all__ = [
    "ActivityTypeNotFoundError",
    "AmountTooLargeError",
    "AmountTooSmallError",
    "ApprovalStateError",
    "BusyError",
    "ConfigurationError",
    "CurrencyRuleError",
    "CursorAheadError",
    "DamagedFileError",
    "DatabaseFailedError",
    "DatabaseNotEmptyError",
    "DatabaseUnreachableError",
    "DuplicateActivityError",
    "ForbiddenError",
    "FulfillmentRefusedError",
    "GuerdonError",
    "IdempotencyConflictError",
    "IdentifierTakenError",
    "InsufficientPointsError",
    "InvalidInputError",
    "InvalidOptionsError",
    "InvalidPayloadError",
    "KeyNotFoundError",
    "LimitReachedError",
    "MemberNotActiveError",
    "MemberNotFoundError",
    "NotASandboxError",
    "NotFoundError",
    "NotReversibleError",
    "OutOfStockError",
    "OutcomeUnknownError",
    "PluginError",
    "PluginFailedError",
    "PluginLoadError",
    "PriceChangedError",
    "ProgramCodeTakenError",
    "ProgramFaultyError",
    "ProgramVersionNotFoundError",
    "ProgramVersionOutdatedError",
    "ProgramVersionStateError",
    "QuoteStaleError",
    "RedemptionNotFoundError",
    "RedemptionStateError",
    "RefusedError",
    "RevocationRefusedError",
    "RewardNotFoundError",
    "RewardUnavailableError",
    "SecondPersonNeededError",
    "TransactionNotFoundError",
    "UnavailableError",
]
