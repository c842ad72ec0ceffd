"""Who may read a field of a plugin's model."""

from enum import StrEnum


class Visibility(StrEnum):
    """Who may read a field; a marker in its annotation.

    `code: Annotated[str, Visibility.MEMBER]` is read as null by everybody else. Fields
    of configs and fulfillments can have one, and of models inside them.
    """

    EVERYONE = "everyone"
    """Whoever may read the reward or the redemption. Fields without a marker."""

    MEMBER = "member"
    """The member whose redemption it is, and callers with `fulfillments:read`."""

    STAFF = "staff"
    """Callers with `catalog:read`: those who run the program."""
