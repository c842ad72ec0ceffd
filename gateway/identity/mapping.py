"""From the claims of an issuer to a role and scopes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.actors import SCOPES, Role, Scope
from core.errors import ConfigurationError
from core.settings import Settings
from gateway.identity.jws import BadTokenError

_ROLES = sorted(Role, key=lambda role: len(SCOPES[role]), reverse=True)
"""Who has several roles is taken for the one that may most: it stands first."""

_SCOPES = {scope.value: scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class Terms:
    """How claims are read.

    Attributes:
        role_claim: path, with dots, of the claim that holds one role or several.
        roles: what the issuer calls our roles.
        default_role: the role where the claim tells none; None: nobody is let in.
        scope_claim: path of the claim with the only scopes that are granted.
    """

    role_claim: str
    roles: Mapping[str, Role]
    default_role: Role | None
    scope_claim: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read them.

        Raises:
            ConfigurationError: a role is none of ours.
        """
        roles = {role.value: role for role in Role}
        if settings.oidc_roles:
            pairs = [one.partition("=") for one in settings.oidc_roles.split(",")]
            roles = {
                theirs.strip(): _role("OIDC_ROLES", ours.strip())
                for theirs, _, ours in pairs
            }
        default = settings.oidc_default_role
        return cls(
            settings.oidc_role_claim,
            roles,
            _role("OIDC_DEFAULT_ROLE", default) if default else None,
            settings.oidc_scope_claim,
        )

    def role_of(self, claims: Mapping[str, Any]) -> Role:
        """Return the role that claims tell.

        Raises:
            BadTokenError: they tell none, and there is no default.
        """
        named = {self.roles[one] for one in _texts(claims, self.role_claim, self.roles)}
        for role in _ROLES:
            if role in named:
                return role
        if self.default_role is None:
            raise BadTokenError("no role")
        return self.default_role

    def scopes_of(self, claims: Mapping[str, Any]) -> frozenset[Scope] | None:
        """Return the only scopes that claims grant; None: all of the role."""
        if not self.scope_claim:
            return None
        found = _texts(claims, self.scope_claim, _SCOPES)
        return frozenset(_SCOPES[one] for one in found)


def _texts(claims: Any, path: str, known: Mapping[str, Any]) -> list[str]:
    """Return the known texts of a claim: a list, or one text with spaces between."""
    found = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found] if found in known else found.split()
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, str) and one in known]


def _role(setting: str, name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        reason = f"GUERDON_{setting}: {name!r} is no role; there are {known}"
        raise ConfigurationError(reason) from None
