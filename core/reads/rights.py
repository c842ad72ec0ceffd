"""What a reader may see: written in the read model, enforced as it is compiled."""

from core.actors import Needs
from core.errors import ForbiddenError
from core.reads.entities import ENTITIES
from core.reads.model import Attribute, Entity
from core.reads.selection import Scope


def needs_of(entity: str, part: str = "") -> Needs | None:
    """Return what an entity needs, or an attribute or relation of it; None: nothing."""
    found = ENTITIES[entity]
    if not part:
        return found.needs
    if part in found.relations:
        return found.relations[part].needs
    attribute = found.attributes.get(part)
    return attribute.needs if isinstance(attribute, Attribute) else None


def values_of(scope: Scope) -> dict[str, int]:
    """Return the values that conditions on program and holder are filled with."""
    values = {"program": scope.program_id}
    if scope.holder_id is not None:
        values["holder"] = scope.holder_id
    return values


def conditions_of(entity: Entity, scope: Scope) -> list[str]:
    """Return templates of the conditions on rows that a reader may see."""
    conditions = [entity.program_scope]
    if scope.holder_id is not None:
        conditions.append(entity.holder_scope)
    if not has(entity.needs, scope):
        conditions.append("1 = 0")
    return [one for one in conditions if one]


def has(needs: Needs | None, scope: Scope) -> bool:
    """Tell whether a reader has what something needs."""
    return needs is None or needs.are_met_by(scope.granted)


def require(needs: Needs | None, scope: Scope) -> None:
    """Check that a reader has what something needs.

    Raises:
        ForbiddenError: it has not.
    """
    if not has(needs, scope):
        raise ForbiddenError(scope=str(needs))
