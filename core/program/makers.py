"""Who made whose keys: two clients are one person's if one has its key from the other.

Keys that were made on the command line have no maker.
"""

from collections.abc import Iterable

from sqlmodel import Session, select

from core.actors import Actor
from core.storage.token_tables import Token

_Makers = dict[str, set[str]]


def are_kin(session: Session, by: Actor, client_id: str) -> bool:
    """Tell whether the caller is the client, or either has its key from the other.

    Of the caller the key counts that it comes by; of the other client, any key it had.
    """
    if by.client_id == client_id:
        return True
    rows = session.exec(
        select(Token.key_id, Token.client_id, Token.created_by).where(
            Token.program_id == by.program_id
        )
    ).all()
    makers: _Makers = {}
    own: set[str] = set()
    for key_id, name, maker in rows:
        if maker is None:
            continue
        makers.setdefault(name, set()).add(maker)
        if by.key_id in {key_id, None} and name == by.client_id:
            own.add(maker)
    return client_id in _all_above(makers, own) or by.client_id in _all_above(
        makers, {client_id}
    )


def _all_above(makers: _Makers, names: Iterable[str]) -> set[str]:
    """Return clients, those who made their keys, and so on."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += makers.get(name, ())
    return found
