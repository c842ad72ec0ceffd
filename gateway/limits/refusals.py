"""What is told when a limit is exceeded."""

from graphql import GraphQLError

from gateway.codes import Code


class LimitExceededError(GraphQLError):
    """A caller asks for more than is allowed; nothing was run."""

    def __init__(self, what: str, found: int, allowed: int) -> None:
        super().__init__(
            f"{what}: {found} found, {allowed} allowed",
            extensions={
                "code": Code.LIMIT_EXCEEDED,
                "limit": what,
                "found": found,
                "allowed": allowed,
            },
        )


def require(what: str, found: int, allowed: int) -> None:
    """Check a number against its limit.

    Raises:
        LimitExceededError: it is above.
    """
    if found > allowed:
        raise LimitExceededError(what, found, allowed)
