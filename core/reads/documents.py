"""JSON text put together: objects, and what is shown of stored documents."""

import re
from collections.abc import Sequence

from core.reads.dialects import Dialect
from core.reads.selection import STORED, Member
from core.reads.templates import Filler

_NAME = re.compile(r"[_@A-Za-z0-9]{1,255}")


def checked(name: str) -> str:
    """Return *name*, which becomes a part of the SQL."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name: {name!r}")
    return name


def braces(parts: Sequence[str]) -> str:
    """Return the text of a JSON object."""
    inside = " || ',' || ".join(parts) or "''"
    return f"'{{' || {inside} || '}}'"


def stored(dialect: Dialect, document: str, version: str) -> str:
    """Return the text of the member with a document as it is, and its version."""
    inside = [
        f"'\"version\":' || {dialect.number(version)}",
        f"'\"document\":' || {dialect.document(document)}",
    ]
    return f"'\"{STORED}\":' || {braces(inside)}"


def member_of(filler: Filler, document: str, member: Member, depth: int = 1) -> str:
    """Return the text of a member of a document.

    What is hidden is not even looked at. Where nothing is, the value is read as it is.
    """
    if member.is_hidden:
        return "'null'"
    dialect = filler.dialect
    value = dialect.member_text(document, checked(member.name))
    default = "'null'"
    if member.default != "null":
        default = filler.parameter(member.default)
    value = f"coalesce({value}, {default})"
    if not member.members:
        return value
    if not member.is_list:
        text = _object(filler, value, member, depth)
        return f"CASE WHEN {value} = 'null' THEN 'null' ELSE {text} END"
    alias = f"m{depth}"
    text = _object(filler, f"{alias}.item", member, depth + 1)
    items = dialect.items(value, alias)
    joined = f"coalesce({dialect.join(text)}, '')"
    return (
        f"CASE WHEN {value} = 'null' THEN 'null' "
        f"ELSE (SELECT '[' || {joined} || ']' FROM {items}) END"
    )


def _object(filler: Filler, document: str, member: Member, depth: int) -> str:
    return braces(
        [
            f"'\"{checked(one.name)}\":' || {member_of(filler, document, one, depth)}"
            for one in member.members
        ]
    )
