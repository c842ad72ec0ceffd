"""Claims of names: which holder a number or a business reference belongs to.

A name that must be unique in a whole program cannot be a key of a holder's rows, so it
is claimed in the directory first; then the holder's own transaction follows. A retry
finds the claim it made before and finishes what was begun.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.ledger.requests import Insert, RetryError, Row, Select, Transaction, Update

_NAME = ("program_id", "kind", "value")
_REQUEST = ("program_id", "client_id", "idem_key")


@dataclass(frozen=True, slots=True)
class Ticket:
    """The idempotency key of a request that has no holder yet."""

    client_id: str
    key: str
    fingerprint: bytes
    at_us: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Names, as (kind, value), that a holder wants in a program."""

    program_id: int
    holder_id: int
    names: tuple[tuple[str, str], ...]
    ticket: Ticket | None = None

    def wanted(self) -> list[tuple[int, str, str]]:
        """Return the names as keys of the directory."""
        return [(self.program_id, kind, value) for kind, value in self.names]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The names belong to this holder: the one asked for, or the ticket's first."""

    holder_id: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A name of this kind belongs to another holder; nothing was claimed."""

    kind: str


@dataclass(frozen=True, slots=True)
class TicketReused:
    """The ticket's key was used for a different request."""


Answer = Claimed | Taken | TicketReused


def claim_all(claims: Sequence[Claim]) -> Transaction[list[Answer]]:
    """Settle *claims* in their order; the first claim of a name wins."""
    tickets = yield from _tickets(claims)
    keys = sorted({key for claim in claims for key in claim.wanted()})
    owners = yield from _owners(keys)
    new: dict[Row, int] = {}
    refused: dict[Row, str] = {}
    answers = []
    for claim in claims:
        answer = _settle(claim, tickets, owners | new)
        if isinstance(answer, Claimed):
            new |= {k: answer.holder_id for k in claim.wanted() if k not in owners}
        elif isinstance(answer, Taken) and claim.ticket is not None:
            refused[_key(claim, claim.ticket)] = answer.kind
        answers.append(answer)
    if new:
        rows = [(*key, holder_id) for key, holder_id in sorted(new.items())]
        yield Insert("directory", (*_NAME, "holder_id"), rows, missing_only=True)
        found = yield from _owners(sorted(new))
        if found != new:
            raise RetryError("another process claimed the same name")
    if refused:
        rows = [(*key, kind) for key, kind in sorted(refused.items())]
        yield Update("request", (*_REQUEST, "refusal"), _REQUEST, rows)
    return answers


def _settle(
    claim: Claim, tickets: Mapping[Row, Row], owners: Mapping[Row, int]
) -> Answer:
    holder_id = claim.holder_id
    if (ticket := claim.ticket) is not None:
        fingerprint, holder_id, refusal = tickets[_key(claim, ticket)]
        if bytes(fingerprint) != ticket.fingerprint:
            return TicketReused()
        if refusal is not None:
            return Taken(refusal)
    for key in claim.wanted():
        if owners.get(key, holder_id) != holder_id:
            return Taken(key[1])
    return Claimed(holder_id)


def _key(claim: Claim, ticket: Ticket) -> Row:
    return (claim.program_id, ticket.client_id, ticket.key)


def _tickets(claims: Sequence[Claim]) -> Transaction[dict[Row, Row]]:
    """Store new tickets, and return all as they stand."""
    wanted: dict[Row, Row] = {}
    for claim in claims:
        if (ticket := claim.ticket) is not None:
            key = _key(claim, ticket)
            wanted.setdefault(key, (ticket.fingerprint, claim.holder_id, ticket.at_us))
    if not wanted:
        return {}
    columns = (*_REQUEST, "fingerprint", "holder_id", "at_us")
    rows = [(*key, *values) for key, values in sorted(wanted.items())]
    yield Insert("request", columns, rows, missing_only=True)
    columns = (*_REQUEST, "fingerprint", "holder_id", "refusal")
    found: list[Row] = yield Select("request", columns, _REQUEST, sorted(wanted))
    return {row[:3]: row[3:] for row in found}


def _owners(keys: Sequence[Row]) -> Transaction[dict[Row, int]]:
    if not keys:
        return {}
    found: list[Row] = yield Select("directory", (*_NAME, "holder_id"), _NAME, keys)
    return {row[:3]: row[3] for row in found}
