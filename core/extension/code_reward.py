"""The simplest reward: a code that somebody accepts, made of the token alone.

Nothing is kept anywhere: asking again gives the same code, and a probe knows it too. A
plugin subclasses `CodeReward`, gives it a `code`, and is done.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from core.extension.answers import Fulfilled
from core.extension.codes import derive_code
from core.extension.reward_type import RewardRequest, RewardType
from core.extension.visibility import Visibility


class CodeTerms(BaseModel):
    """What an operator sets for a reward that is a code."""

    valid_days: int = Field(
        default=90, ge=1, le=3650, description="Days that the code is valid."
    )


class Code(BaseModel):
    """A code, and until when it is accepted."""

    code: Annotated[str, Visibility.MEMBER] = Field(
        description="Shown where the reward is handed out."
    )
    valid_until: datetime = Field(description="When it stops being accepted.")


class CodeReward(RewardType[CodeTerms, None, Code]):
    """A reward that is a code, once for each redemption."""

    config: type[Any] = CodeTerms
    options = None
    fulfillment: type[Any] = Code

    def fulfill(self, request: RewardRequest[CodeTerms, None]) -> Code:
        """Make the code of this token."""
        return Code(
            code=derive_code(self.code, request.token),
            valid_until=request.requested_at
            + timedelta(days=request.config.valid_days),
        )

    def probe(self, request: RewardRequest[CodeTerms, None]) -> Fulfilled[Code]:
        """Tell the same code: it is there as soon as there is a token."""
        return Fulfilled(self.fulfill(request))
