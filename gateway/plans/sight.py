"""What a caller may read of the documents of plugins."""

from dataclasses import dataclass, replace

from core.actors import Actor, Scope
from core.extension.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Sight:
    """The fields that a caller may read, at some place of a document of GraphQL.

    Attributes:
        seen: fields marked like this are read.
        is_member: the caller is a member, who sees redemptions of its own only.
    """

    seen: frozenset[Visibility]
    is_member: bool

    def of_redemption(self) -> "Sight":
        """Return what is seen below a redemption: a member sees what it redeemed."""
        if not self.is_member:
            return self
        return replace(self, seen=self.seen | {Visibility.MEMBER})


def sight_of(actor: Actor) -> Sight:
    """Return what an actor sees wherever it is shown."""
    seen = {Visibility.EVERYONE}
    if actor.may(Scope.FULFILLMENTS_READ):
        seen.add(Visibility.MEMBER)
    if actor.may(Scope.CATALOG_READ):
        seen.add(Visibility.STAFF)
    return Sight(frozenset(seen), actor.holder_id is not None)
