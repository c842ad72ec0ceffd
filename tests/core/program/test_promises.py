"""The id of a quote: short, read back as it was, and not to be made up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.preview import Use
from core.program.promises import MOST_LOTS, Promise, seal, unseal

SECRET = b"a secret of this installation..."
MOST = 2**63 - 1
PROMISE = Promise(
    program_id=7,
    holder_id=5,
    reward_id=9,
    options='{"size":"L"}',
    price=40,
    quantity=2,
    currency_id=1,
    terms="d" * 22,
    valid_until_us=1_800_000_000_000_000,
    lots=(Use(1024, 30, NEVER_US), Use(2048, 10, 1_900_000_000_000_000)),
)
USES = st.builds(
    Use, st.integers(1, MOST), st.integers(1, MAX_AMOUNT), st.integers(0, NEVER_US)
)


@given(
    lots=st.lists(USES, max_size=MOST_LOTS),
    options=st.none() | st.text(max_size=60),
    holder_id=st.integers(1, MOST),
)
def test_an_id_is_read_back(
    lots: list[Use], options: str | None, holder_id: int
) -> None:
    promise = replace(PROMISE, holder_id=holder_id, options=options, lots=tuple(lots))

    found = unseal(seal(promise, SECRET), SECRET)

    assert replace(found, lots=()) == replace(promise, lots=())
    assert found.has_lots(tuple(lots))


def test_up_to_forty_lots_are_listed() -> None:
    lots = tuple(Use(1024 * n, n, NEVER_US - n) for n in range(1, MOST_LOTS + 2))
    listed = seal(replace(PROMISE, lots=lots[:-1]), SECRET)
    digested = seal(replace(PROMISE, lots=lots), SECRET)

    assert unseal(listed, SECRET).lots == lots[:-1]
    found = unseal(digested, SECRET)
    assert isinstance(found.lots, str)
    assert (found.has_lots(lots), found.has_lots(lots[:-1])) == (True, False)
    assert len(digested) < len(listed) < 2_000


def test_long_options_leave_no_room_for_lots() -> None:
    lots = tuple(Use(2**40 + 7919 * n**3, n**4, NEVER_US - n**5) for n in range(1, 41))
    options = "".join(chr(0x4E00 + 7 * n) for n in range(500))

    found = unseal(seal(replace(PROMISE, options=options, lots=lots), SECRET), SECRET)

    assert isinstance(found.lots, str)
    assert found.has_lots(lots)
    assert found.options == options


def test_a_promise_of_no_points_is_one_of_none() -> None:
    found = unseal(seal(replace(PROMISE, lots=()), SECRET), SECRET)

    assert found.lots == ()
    assert (found.has_lots(()), found.has_lots(PROMISE.lots)) == (True, False)  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", [b"", b"another secret", SECRET + b"."])
def test_only_the_secret_reads_it(secret: bytes) -> None:
    with pytest.raises(InvalidInputError, match="quoteId: is not the id of a quote"):
        unseal(seal(PROMISE, SECRET), secret)


@given(place=st.integers(0, 10_000), other=st.sampled_from("ABCdef012-_"))
def test_no_character_can_be_changed(place: int, other: str) -> None:
    text = seal(PROMISE, SECRET)
    place %= len(text) - 1  # the last one has bits that say nothing
    changed = text[:place] + other + text[place + 1 :]
    if changed == text:
        return

    with pytest.raises(InvalidInputError):
        unseal(changed, SECRET)


@given(text=st.text(max_size=40))
def test_nonsense_is_no_quote(text: str) -> None:
    with pytest.raises(InvalidInputError):
        unseal(text, SECRET)
