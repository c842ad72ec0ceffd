"""Who sends a request, as far as the gateway knows."""

from dataclasses import dataclass

from core.actors import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: what it may do, and until when its credential lives.

    Attributes:
        actor: who it is, for the core; with the key that its credential is or hangs on.
        expires_at_us: end of the credential; None: it has none.
    """

    actor: Actor
    expires_at_us: int | None = None
