"""What members read of a program: names and texts, and their translations."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from core.errors import ConfigurationError, InvalidInputError
from core.languages import canonical, direction_fault
from core.ledger.shape import UNSTORABLE


def _checked(text: str) -> str:
    if UNSTORABLE.search(text):
        raise ValueError("must not have a null character")
    if fault := direction_fault(text):
        raise ValueError(fault)
    return text


def _tag(text: str) -> str:
    try:
        return canonical(text, field="language")
    except InvalidInputError as error:
        raise ValueError(error.reason) from error


def _tagged(texts: dict[str, str]) -> dict[str, str]:
    """Return *texts* by tags in their usual spelling."""
    found: dict[str, str] = {}
    for tag, text in texts.items():
        try:
            language = canonical(tag, field=tag)
        except InvalidInputError as error:
            raise ValueError(f"{error}") from error
        if language in found:
            raise ValueError(f"{language} stands there twice")
        found[language] = text
    return found


Wording = Annotated[str, AfterValidator(_checked)]
"""A text that members read."""

Name = Annotated[Wording, Field(min_length=1)]
"""A name that members read."""

Tag = Annotated[str, AfterValidator(_tag)]
"""The tag of a language."""

Names = Annotated[dict[str, Name], AfterValidator(_tagged)]
"""A name in other languages, by their tags."""

Texts = Annotated[dict[str, Wording], AfterValidator(_tagged)]
"""A text in other languages, by their tags."""


def stored(
    language: str, text: str | None, others: Mapping[str, str], where: str
) -> str | None:
    """Return the JSON text of all wordings by language; None if there is one only.

    The program's own language stands among them: whoever prefers it to a language into
    which there is a translation gets it.

    Raises:
        ConfigurationError: the program's own language is among the *others*.
    """
    if language in others:
        raise ConfigurationError(
            f"{where}: {language} is the program's own language; leave it out"
        )
    if not others:
        return None
    every = {language: text, **others} if text is not None else dict(others)
    return json.dumps(every, ensure_ascii=False, sort_keys=True)
