"""Rights, checked once for every use case; another's data looks like absent data."""

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import ForbiddenError, MemberNotFoundError

_MEMBER = "SELECT 1 FROM member WHERE holder_id = $1 AND program_id = $2"


def require(by: Actor, scope: Scope) -> None:
    """Check a right.

    Raises:
        ForbiddenError: the role does not grant *scope*.
    """
    if not by.may(scope):
        raise ForbiddenError(scope=scope)


async def require_member(engine: Engine, by: Actor, holder_id: int) -> None:
    """Check that the member exists and is one that the caller may see.

    Raises:
        MemberNotFoundError: absent, of another program, or not the caller itself.
    """
    if by.holder_id not in {None, holder_id}:
        raise MemberNotFoundError
    if not await engine.database.read(_MEMBER, holder_id, by.program_id):
        raise MemberNotFoundError
