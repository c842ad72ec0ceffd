"""Signing up for the program: once for each member, reported by the operator's systems.

A member may not report it: the welcome gift goes to those whom the operator let in.
"""

from pydantic import BaseModel, Field

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl


class SignUpPayload(BaseModel):
    """What is reported about a member who signed up."""

    channel: str = Field(
        default="unknown",
        min_length=1,
        max_length=50,
        description="Where it happened, such as web, app or store.",
    )


class SignUp(EarningAction[SignUpPayload]):
    """A member who signed up."""

    code = "sign_up"
    payload = SignUpPayload
    trust = Trust.INTEGRATOR
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: SignUpPayload) -> str:
        """Return one word for all: everybody signs up once, whatever the channel."""
        return "sign_up"

    def facts(self, payload: SignUpPayload) -> dict[str, Fact]:
        """Return where it happened."""
        return {"channel": payload.channel}


@hookimpl
def register_earning_actions() -> list[SignUp]:
    """Bring the sign-up."""
    return [SignUp()]
