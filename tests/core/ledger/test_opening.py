"""A holder is opened by a command of its own, which nothing can refuse but a holder."""

from dataclasses import replace
from typing import Any

import pytest

from core.errors import InvalidInputError
from core.ledger.codes import HolderKind, RefusalCode
from core.ledger.commands import Command, Count, Note, Open, Step

PROGRAM = 7


async def test_what_could_be_refused_is_no_opening(book: Any) -> None:
    """Else its head would be there, though the command was refused."""
    ada = await book.open()
    step = Step(99, Open(PROGRAM, HolderKind.MEMBER))
    opening = Command("test:open", b"f", (step,))
    before = await book.everything()

    for wrong in (
        replace(opening, steps=(step, Step(ada, Note()))),
        replace(opening, steps=(replace(step, counts=(Count("n", "ever", by=1),)),)),
        replace(opening, effective_us=book.clock.us),
    ):
        with pytest.raises(InvalidInputError):
            await book.ledger.post(wrong)

    assert await book.everything() == before


async def test_a_holder_is_opened_once(book: Any) -> None:
    ada = await book.open(HolderKind.POOL)

    refused = await book.refused(ada, Open(PROGRAM + 1, HolderKind.MEMBER))

    assert refused.code is RefusalCode.HOLDER_EXISTS
