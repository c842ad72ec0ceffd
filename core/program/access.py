"""Rights, checked once for every use case; another's data looks like absent data.

A use case says what it needs where it is defined, with `@needs`. That is what is
checked before anything else happens, and what the schema prints.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from core.actors import Actor, Needs, Scope
from core.engine import Engine
from core.errors import ForbiddenError, MemberNotFoundError

P = ParamSpec("P")
T = TypeVar("T")

_MEMBER = "SELECT 1 FROM member WHERE holder_id = $1 AND program_id = $2"
_ATTRIBUTE = "__needs__"


def needs(
    *alternatives: Scope | tuple[Scope, ...],
) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Let a use case run for those only who have one of the *alternatives*.

    The use case takes the caller as `by`; to others it raises ForbiddenError, and
    nothing of it has run.
    """
    wanted = Needs.any_of(*alternatives)

    def decorate(use_case: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @wraps(use_case)
        async def checked(*arguments: P.args, **given: P.kwargs) -> T:
            by: Any = given["by"]
            require(by, wanted)
            return await use_case(*arguments, **given)

        setattr(checked, _ATTRIBUTE, wanted)
        return checked

    return decorate


def needs_of(use_case: Callable[..., Any]) -> Needs:
    """Return what a use case needs.

    Raises:
        AttributeError: it says nothing about that.
    """
    wanted: Needs = getattr(use_case, _ATTRIBUTE)
    return wanted


def require(by: Actor, wanted: Scope | Needs) -> None:
    """Check rights.

    Raises:
        ForbiddenError: the caller lacks what is *wanted*.
    """
    if isinstance(wanted, Scope):
        wanted = Needs.any_of(wanted)
    if not wanted.are_met_by(by.scopes):
        raise ForbiddenError(scope=str(wanted))


async def require_member(engine: Engine, by: Actor, holder_id: int) -> None:
    """Check that the member exists and is one that the caller may act for.

    Raises:
        MemberNotFoundError: absent, of another program, or not the caller itself.
    """
    # Asked also for what cannot be the caller's: it takes the same time.
    found = await engine.database.read(_MEMBER, holder_id, by.program_id)
    if not found or by.holder_id not in {None, holder_id}:
        raise MemberNotFoundError
