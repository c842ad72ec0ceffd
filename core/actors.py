"""Who asks, and what they may do.

A role maps to scopes; checks name a scope, never a role. An actor belongs to one
program, and sees nothing of another.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a token is for."""

    MEMBER = "member"
    INTEGRATOR = "integrator"
    STAFF = "staff"
    ADMIN = "admin"


class Scope(StrEnum):
    """One right."""

    MEMBER_SELF = "member:self"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    ACTIVITIES_WRITE = "activities:write"
    REDEMPTIONS_WRITE = "redemptions:write"
    LEDGER_ADJUST = "ledger:adjust"
    LEDGER_REVERSE = "ledger:reverse"
    TOTALS_READ = "totals:read"
    REDEMPTIONS_RESOLVE = "redemptions:resolve"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    FULFILLMENTS_READ = "fulfillments:read"
    PLUGINS_READ = "plugins:read"
    ACTIVITIES_APPROVE = "activities:approve"
    PROGRAM_WRITE = "program:write"


_SYSTEM_AND_STAFF = frozenset(
    {
        Scope.MEMBERS_READ,
        Scope.MEMBERS_WRITE,
        Scope.ACTIVITIES_WRITE,
        Scope.REDEMPTIONS_WRITE,
    }
)
# Codes are worth money: the shop that takes them reads them, a person does not.
_INTEGRATOR = _SYSTEM_AND_STAFF | {Scope.FULFILLMENTS_READ}
_STAFF = _SYSTEM_AND_STAFF | {
    Scope.LEDGER_ADJUST,
    Scope.LEDGER_REVERSE,
    Scope.TOTALS_READ,
    Scope.REDEMPTIONS_RESOLVE,
    Scope.PLUGINS_READ,
    Scope.CATALOG_READ,
    Scope.ACTIVITIES_APPROVE,
}

SCOPES: dict[Role, frozenset[Scope]] = {
    Role.MEMBER: frozenset({Scope.MEMBER_SELF, Scope.REDEMPTIONS_WRITE}),
    Role.INTEGRATOR: _INTEGRATOR,
    Role.STAFF: _STAFF,
    Role.ADMIN: frozenset(Scope),
}
"""What each role may do."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated caller. `holder_id` is the member behind a member's token.

    `client_id` scopes idempotency keys: it names the API client or the member, and
    stays the same when the token is renewed.
    """

    program_id: int
    client_id: str
    role: Role
    holder_id: int | None = None

    def may(self, scope: Scope) -> bool:
        """Tell whether the role grants *scope*."""
        return scope in SCOPES[self.role]

    def may_act_for(self, holder_id: int, scope: Scope) -> bool:
        """Tell whether *scope* is granted and, for a member, *holder_id* is its own."""
        return self.may(scope) and self.holder_id in {None, holder_id}
