"""What a plugin's call came to, judged: a proper answer, or doubt. Pure.

The reason of a doubt names the method and what was wrong with its outcome; it never
repeats what the plugin wrote, which may hold secrets.
"""

from typing import Any, TypeVar

from pydantic import BaseModel

from core.extension.answers import (
    Doubt,
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    PartlyFulfilled,
    Refused,
    RevocationRefused,
    Revoked,
    Unknown,
)
from core.extension.documents import write
from core.extension.lane import Late, Outcome, Raised, Returned
from core.extension.reward_type import RewardType

FulfillmentT = TypeVar("FulfillmentT", bound=BaseModel)

_MAX_REASON = 500


def judge_precheck(
    reward_type: RewardType[Any, Any, Any], outcome: Outcome
) -> Refused | Doubt | None:
    """Judge what `precheck` did; None: nothing is against it."""
    match outcome:
        case Returned(None):
            return None
        case Raised(FulfillmentRefused() as refusal):
            return _refused(reward_type, refusal)
        case _:
            return _doubt("precheck", outcome)


def judge_fulfillment(
    reward_type: RewardType[Any, Any, FulfillmentT], quantity: int, outcome: Outcome
) -> Fulfilled[FulfillmentT] | PartlyFulfilled[FulfillmentT] | Refused | Doubt:
    """Judge what `fulfill` did, having been asked for *quantity* units."""
    match outcome:
        case Returned(PartlyFulfilled() as partly):
            return _partly(reward_type, "fulfill", quantity, partly)
        case Returned(Unknown()):
            return Doubt("fulfill cannot tell yet", is_fault=False)
        case Returned(value):
            return _fulfilled(reward_type, "fulfill", value)
        case Raised(FulfillmentRefused() as refusal):
            return _refused(reward_type, refusal)
        case _:
            return _doubt("fulfill", outcome)


def judge_message(
    reward_type: RewardType[Any, Any, FulfillmentT], quantity: int, outcome: Outcome
) -> (
    Fulfilled[FulfillmentT]
    | PartlyFulfilled[FulfillmentT]
    | NotFulfilled
    | Refused
    | Doubt
):
    """Judge what `receive` did; a partner may send a definite no."""
    match outcome:
        case Raised(FulfillmentRefused() as refusal):
            return _refused(reward_type, refusal)
        case _:
            return judge_probe(reward_type, quantity, outcome, method="receive")


def judge_probe(
    reward_type: RewardType[Any, Any, FulfillmentT],
    quantity: int,
    outcome: Outcome,
    *,
    method: str = "probe",
) -> Fulfilled[FulfillmentT] | PartlyFulfilled[FulfillmentT] | NotFulfilled | Doubt:
    """Judge what `probe` did."""
    match outcome:
        case Returned(Fulfilled(fulfillment)):
            return _fulfilled(reward_type, method, fulfillment)
        case Returned(PartlyFulfilled() as partly):
            return _partly(reward_type, method, quantity, partly)
        case Returned(NotFulfilled() as answer):
            return answer
        case Returned(Unknown()):
            return Doubt(f"{method} cannot tell yet", is_fault=False)
        case _:
            return _doubt(method, outcome)


def judge_revocation(outcome: Outcome) -> Revoked | Refused | Doubt:
    """Judge what `revoke` did."""
    match outcome:
        case Returned(None):
            return Revoked()
        case Raised(RevocationRefused() as refusal):
            return Refused(_words(refusal.reason))
        case _:
            return _doubt("revoke", outcome)


def _fulfilled(
    reward_type: RewardType[Any, Any, FulfillmentT], method: str, value: object
) -> Fulfilled[FulfillmentT] | Doubt:
    model = reward_type.fulfillment
    # Not a subclass either: its further fields would be stored, but never shown.
    if type(value) is not model:
        return _doubt(method, Returned(value))
    # What was handed out must be readable for ever, so it is tried at once.
    error = _unreadable(value)
    return Fulfilled(value) if error is None else _doubt(method, Raised(error))


def _partly(
    reward_type: RewardType[Any, Any, FulfillmentT],
    method: str,
    quantity: int,
    partly: PartlyFulfilled[Any],
) -> PartlyFulfilled[FulfillmentT] | Doubt:
    answer = _fulfilled(reward_type, method, partly.fulfillment)
    if isinstance(answer, Doubt):
        return answer
    units: Any = partly.quantity
    if type(units) is not int or not 1 <= units < quantity:
        return Doubt(f"{method} fulfilled {units!r} of {quantity} units in part")
    return PartlyFulfilled(answer.fulfillment, units)


def _refused(
    reward_type: RewardType[Any, Any, Any], refusal: FulfillmentRefused
) -> Refused:
    """Return the refusal; a detail that could not be shown is left out."""
    detail: Any = refusal.detail
    fault = ""
    if detail is not None and type(detail) not in reward_type.refusals:
        fault = f"the detail of a refusal is a {type(detail).__name__}"
    elif detail is not None and (error := _unreadable(detail)) is not None:
        fault = f"the detail of a refusal is not storable ({type(error).__name__})"
    return Refused(_words(refusal.reason), None if fault else detail, fault)


def _unreadable(model: BaseModel) -> Exception | None:
    """Return why a model could not be read back once it is stored, if it could not."""
    try:
        model.model_validate_json(write(model))
    except Exception as error:  # noqa: BLE001 - whatever a model's validators raise
        return error
    return None


def _words(reason: object) -> str:
    """Return a plugin's reason as a text that every database can store."""
    text = str(reason).replace("\0", "")[:_MAX_REASON]
    return text.encode(errors="replace").decode()


def _doubt(method: str, outcome: Outcome) -> Doubt:
    was_asked = outcome != Late(was_begun=False)
    return Doubt(f"{method} {_fault(outcome)}", was_asked=was_asked)


def _fault(outcome: Outcome) -> str:
    match outcome:
        case Returned(value):
            return f"returned a {type(value).__name__}"
        case Raised(error):
            return f"raised {type(error).__name__}"
        case Late(was_begun):
            return "did not answer in time" if was_begun else "had no free slot"
