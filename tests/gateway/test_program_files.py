"""Programs as files: what is written reads the same; every template is a program."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extension.registry import Registry
from core.program import faults
from core.program.differences import compare
from core.program.document import Document, canonical
from gateway import program_files

CODES = st.from_regex("^[a-z][a-z0-9_]{0,8}$", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
)
VALUES: Any = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def documents(draw: Any) -> Document:
    """Any document whose parts can be read, whatever it would mean."""
    amounts = st.integers(1, 2**53 - 1)
    currency = {"code": "PTS", "name": draw(TEXTS), "floor": draw(amounts)}
    rules = [
        {
            "code": code,
            "activity": draw(CODES),
            "currency": "PTS",
            "points": draw(amounts),
            **draw(st.fixed_dictionaries({}, optional={"valid_days": st.just(9)})),
        }
        for code in draw(st.lists(CODES, max_size=2, unique=True))
    ]
    rewards = [
        {
            "code": code,
            "type": draw(CODES),
            "name": draw(TEXTS),
            "currency": "PTS",
            "price": draw(amounts),
            "config": draw(st.dictionaries(TEXTS, VALUES, max_size=3)),
        }
        for code in draw(st.lists(CODES, max_size=2, unique=True))
    ]
    activity = {
        "code": draw(CODES),
        "name": draw(TEXTS),
        "reference": "id",
        "schema": draw(st.dictionaries(TEXTS, VALUES, max_size=3)),
    }
    values = {
        "code": draw(CODES),
        "name": draw(TEXTS),
        "currencies": [currency],
        "activities": [activity],
        "rules": rules,
        "rewards": rewards,
        **draw(st.fixed_dictionaries({}, optional={"approval": st.just("two_people")})),
    }
    return Document.model_validate(values)


@given(documents())
def test_what_is_written_reads_the_same(document: Document) -> None:
    text = program_files.dump(document)

    again = Document.model_validate(program_files.load(text, "it"))

    assert canonical(again) == canonical(document)
    assert compare(document, again) == []


def test_there_are_templates_for_every_kind_of_program() -> None:
    assert program_files.templates() == [
        "coffee_chain",
        "fashion",
        "friends",
        "hotel_chain",
        "member_club",
        "paid_membership",
        "points",
        "punch_card",
        "restaurant",
    ]


@pytest.mark.parametrize("name", program_files.templates())
def test_a_template_is_a_program_by_itself(name: str, registry: Registry) -> None:
    values = program_files.load(program_files.template(name), name)

    read = faults.read(values, registry, set())

    assert read.faults == []
    assert read.document is not None
    assert read.document.code == name
