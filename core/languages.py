"""Languages: their tags, the order in which they are looked up, directions of text.

Tags are those of BCP 47, in the spelling that is usual: `de`, `de-AT`, `zh-Hant`.
"""

import re
from collections.abc import Iterable

from langcodes import standardize_tag
from langcodes.tag_parser import LanguageTagError

from core.errors import InvalidInputError

MAX_TAG = 35
"""So long is the longest tag of a language, its script and its region, with room."""

_FORM = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_OVERRIDES = re.compile("[\u202a-\u202e]")
_OPENING, _CLOSING = "\u2066\u2067\u2068", "\u2069"


def canonical(tag: str, *, field: str) -> str:
    """Return the usual spelling of a tag: `DE_at` is `de-AT`, and `iw` is `he`.

    Raises:
        InvalidInputError: it is no tag of a language.
    """
    spelled = tag.replace("_", "-")
    reason = "must be a language such as de, de-AT or zh-Hant"
    if len(spelled) > MAX_TAG or not _FORM.fullmatch(spelled):
        raise InvalidInputError(field=field, reason=reason)
    try:
        return standardize_tag(spelled)
    except LanguageTagError:
        raise InvalidInputError(field=field, reason=reason) from None


def looked_up(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags to look for, in order, where *tags* are preferred (RFC 4647).

    Each is followed by what is more general: `de-AT` by `de`.
    """
    found: dict[str, None] = {}
    for tag in tags:
        parts = tag.split("-")
        while parts:
            found["-".join(parts)] = None
            parts.pop()
            if (
                parts and len(parts[-1]) == 1
            ):  # begins an extension, means nothing alone
                parts.pop()
    return tuple(found)


def direction_fault(text: str) -> str | None:
    """Return what is wrong with the marks of direction in a text, if anything is.

    A text must not turn what stands behind it: overrides and embeddings are refused,
    and isolates have to end. Arabic, Hebrew and the like need neither.
    """
    if _OVERRIDES.search(text):
        return "must not have embeddings or overrides of direction (U+202A to U+202E)"
    depth = 0
    for sign in text:
        depth += (sign in _OPENING) - (sign == _CLOSING)
        if depth < 0:
            break
    if depth:
        return "must end each isolate (U+2066 to U+2068) that it begins, with U+2069"
    return None
