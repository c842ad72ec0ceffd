"""Roles, scopes, and what something needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actors import MEANINGS, OF_MEMBERS, SCOPES, Actor, Needs, Role, Scope

ANY_SCOPES = st.frozensets(st.sampled_from(Scope))


@given(st.sampled_from(Role), ANY_SCOPES)
def test_nobody_may_more_than_the_role(role: Role, scopes: frozenset[Scope]) -> None:
    actor = Actor(1, "x", role, narrowed_to=scopes)

    assert actor.scopes == SCOPES[role] & scopes
    assert {scope for scope in Scope if actor.may(scope)} == actor.scopes


@given(st.lists(ANY_SCOPES.filter(bool), min_size=1, max_size=3), ANY_SCOPES)
def test_needs_are_met_by_all_of_one_alternative(
    alternatives: list[frozenset[Scope]], granted: frozenset[Scope]
) -> None:
    needs = Needs.any_of(*(tuple(one) for one in alternatives))

    expected = any(all(one in granted for one in each) for each in alternatives)
    assert needs.are_met_by(granted) is expected


def test_needs_as_text() -> None:
    needs = Needs.any_of((Scope.MEMBERS_READ, Scope.MEMBERS_LIST), Scope.MEMBER_SELF)

    assert str(needs) == "members:list and members:read or member:self"


@pytest.mark.parametrize("role", Role)
def test_only_members_are_a_member(role: Role) -> None:
    assert (Scope.MEMBER_SELF in SCOPES[role]) is (role is Role.MEMBER)


@pytest.mark.parametrize(
    ("role", "beyond"),
    [
        (Role.STORE, {Scope.MEMBERS_LIST, Scope.MEMBERS_CONTACT, Scope.LEDGER_ADJUST}),
        (Role.ANALYST, {Scope.MEMBERS_IDENTIFY, Scope.MEMBERS_CONTACT}),
        (Role.MARKETER, {Scope.MEMBERS_READ, Scope.LEDGER_ADJUST, Scope.KEYS_WRITE}),
        (Role.STAFF, {Scope.FULFILLMENTS_READ, Scope.KEYS_WRITE}),
        (Role.INTEGRATOR, {Scope.LEDGER_ADJUST, Scope.KEYS_WRITE, Scope.TOTALS_READ}),
    ],
)
def test_what_roles_may_not(role: Role, beyond: set[Scope]) -> None:
    assert not SCOPES[role] & beyond


def test_an_analyst_changes_nothing() -> None:
    assert {str(one).partition(":")[2] for one in SCOPES[Role.ANALYST]} == {
        "read",
        "list",
    }


def test_every_scope_is_explained_and_granted_by_a_role() -> None:
    assert MEANINGS.keys() == set(Scope)
    assert frozenset().union(*SCOPES.values()) == set(Scope)


def test_members_are_seen_by_readers_and_by_themselves() -> None:
    sees = {role for role in Role if OF_MEMBERS.are_met_by(SCOPES[role])}

    assert sees == set(Role) - {Role.MARKETER}
