"""Who asks, and what they may do.

A role maps to scopes; a key may carry fewer of them than its role. Checks name scopes,
never a role. An actor belongs to one program, and sees nothing of another.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    """What a credential is for."""

    MEMBER = "member"
    STORE = "store"
    ANALYST = "analyst"
    MARKETER = "marketer"
    INTEGRATOR = "integrator"
    STAFF = "staff"
    ADMIN = "admin"


class Scope(StrEnum):
    """One right."""

    MEMBER_SELF = "member:self"
    MEMBERS_READ = "members:read"
    MEMBERS_LIST = "members:list"
    MEMBERS_IDENTIFY = "members:identify"
    MEMBERS_CONTACT = "members:contact"
    MEMBERS_WRITE = "members:write"
    MEMBERS_IMPERSONATE = "members:impersonate"
    ACTIVITIES_WRITE = "activities:write"
    ACTIVITIES_APPROVE = "activities:approve"
    REDEMPTIONS_WRITE = "redemptions:write"
    REDEMPTIONS_RESOLVE = "redemptions:resolve"
    FULFILLMENTS_READ = "fulfillments:read"
    LEDGER_ADJUST = "ledger:adjust"
    LEDGER_REVERSE = "ledger:reverse"
    TOTALS_READ = "totals:read"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    PROGRAM_READ = "program:read"
    PROGRAM_WRITE = "program:write"
    PROGRAM_PUBLISH = "program:publish"
    PLUGINS_READ = "plugins:read"
    KEYS_WRITE = "keys:write"


MEANINGS: dict[Scope, str] = {
    Scope.MEMBER_SELF: "see the member behind the credential",
    Scope.MEMBERS_READ: "see any member: balances, ledger, redemptions",
    Scope.MEMBERS_LIST: "page through all members",
    Scope.MEMBERS_IDENTIFY: "see a member's number and name, and find one by number",
    Scope.MEMBERS_CONTACT: "see a member's e-mail address and attributes",
    Scope.MEMBERS_WRITE: "enroll members and change what is known of them",
    Scope.MEMBERS_IMPERSONATE: "make short-lived tokens for members",
    Scope.ACTIVITIES_WRITE: "record activities",
    Scope.ACTIVITIES_APPROVE: "decide about activities that wait for it",
    Scope.REDEMPTIONS_WRITE: "quote, redeem and cancel",
    Scope.REDEMPTIONS_RESOLVE: "decide about redemptions without a clear answer",
    Scope.FULFILLMENTS_READ: "see what was handed out, such as codes",
    Scope.LEDGER_ADJUST: "correct balances by hand",
    Scope.LEDGER_REVERSE: "reverse earnings",
    Scope.TOTALS_READ: "see sums of the program and of rewards",
    Scope.CATALOG_READ: "see what only those who run the program see of rewards",
    Scope.CATALOG_WRITE: "load codes, recall rewards",
    Scope.PROGRAM_READ: "see the versions of the program",
    Scope.PROGRAM_WRITE: "draft versions of the program, register types of activity",
    Scope.PROGRAM_PUBLISH: "approve and publish versions of the program, make programs",
    Scope.PLUGINS_READ: "see the plugins and how they do",
    Scope.KEYS_WRITE: "list, create and revoke keys",
}
"""What each scope allows."""

_PEOPLE = frozenset(
    {
        Scope.MEMBERS_READ,
        Scope.MEMBERS_LIST,
        Scope.MEMBERS_IDENTIFY,
        Scope.MEMBERS_CONTACT,
        Scope.MEMBERS_WRITE,
        Scope.ACTIVITIES_WRITE,
        Scope.REDEMPTIONS_WRITE,
    }
)

SCOPES: dict[Role, frozenset[Scope]] = {
    Role.MEMBER: frozenset({Scope.MEMBER_SELF, Scope.REDEMPTIONS_WRITE}),
    # At the till somebody is served whose card is there: nobody is looked through.
    Role.STORE: frozenset(
        {
            Scope.MEMBERS_READ,
            Scope.MEMBERS_IDENTIFY,
            Scope.ACTIVITIES_WRITE,
            Scope.REDEMPTIONS_WRITE,
            Scope.FULFILLMENTS_READ,
        }
    ),
    # Members without names are enough for insight.
    Role.ANALYST: frozenset(
        {
            Scope.MEMBERS_READ,
            Scope.MEMBERS_LIST,
            Scope.TOTALS_READ,
            Scope.CATALOG_READ,
        }
    ),
    Role.MARKETER: frozenset(
        {
            Scope.CATALOG_READ,
            Scope.CATALOG_WRITE,
            Scope.PROGRAM_READ,
            Scope.PROGRAM_WRITE,
            Scope.PROGRAM_PUBLISH,
            Scope.TOTALS_READ,
        }
    ),
    # Codes are worth money: the shop that takes them reads them, a person does not.
    Role.INTEGRATOR: _PEOPLE | {Scope.FULFILLMENTS_READ, Scope.MEMBERS_IMPERSONATE},
    Role.STAFF: _PEOPLE
    | {
        Scope.LEDGER_ADJUST,
        Scope.LEDGER_REVERSE,
        Scope.TOTALS_READ,
        Scope.REDEMPTIONS_RESOLVE,
        Scope.PLUGINS_READ,
        Scope.CATALOG_READ,
        Scope.PROGRAM_READ,
        Scope.ACTIVITIES_APPROVE,
    },
    # Whoever is no member has no member of its own.
    Role.ADMIN: frozenset(Scope) - {Scope.MEMBER_SELF},
}
"""What each role may do."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What something needs of whoever asks: all scopes of one of the alternatives.

    It is written once, beside what it guards; it is checked there, and printed in the
    schema from there.
    """

    alternatives: tuple[frozenset[Scope], ...]

    @classmethod
    def any_of(cls, *alternatives: Scope | tuple[Scope, ...]) -> Self:
        """Return needs that each of *alternatives* meets, alone."""
        return cls(
            tuple(
                frozenset({one}) if isinstance(one, Scope) else frozenset(one)
                for one in alternatives
            )
        )

    def are_met_by(self, granted: AbstractSet[Scope]) -> bool:
        """Tell whether *granted* is enough."""
        return any(one <= granted for one in self.alternatives)

    def __str__(self) -> str:
        return " or ".join(" and ".join(sorted(one)) for one in self.alternatives)


OF_MEMBERS = Needs.any_of(Scope.MEMBERS_READ, Scope.MEMBER_SELF)
"""To see anything of a member; whoever is one sees nobody else."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated caller. `holder_id` is the member behind a member's credential.

    `client_id` scopes idempotency keys: it names the API client or the member, and
    stays the same when the credential is renewed. `narrowed_to` are the only scopes of
    the role that it may use; None: all of them. `key_id` is the
    key that it comes by, or that a token of it hangs on. `expires_at_us` is the end of
    its credential, which is no part of who it is; None: it has none.
    """

    program_id: int
    client_id: str
    role: Role
    holder_id: int | None = None
    narrowed_to: frozenset[Scope] | None = None
    key_id: int | None = None
    expires_at_us: int | None = field(default=None, compare=False)

    @property
    def scopes(self) -> frozenset[Scope]:
        """Return what the actor may do: never more than its role."""
        of_role = SCOPES[self.role]
        return of_role if self.narrowed_to is None else of_role & self.narrowed_to

    def may(self, scope: Scope) -> bool:
        """Tell whether *scope* is granted."""
        return scope in self.scopes
