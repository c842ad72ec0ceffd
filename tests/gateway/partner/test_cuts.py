"""What SQL takes out of a document is what Python takes out of it."""

import json
import sqlite3
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.reads.dialects import DIALECTS
from core.reads.documents import member_of
from core.reads.selection import Member
from core.reads.templates import Filler
from gateway.plans.documents import taken

NAMES = ("a", "b", "c")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    st.lists(st.integers(0, 9), max_size=3),
)


def members(depth: int) -> st.SearchStrategy[tuple[Member, ...]]:
    one_each = st.permutations(NAMES).flatmap(
        lambda names: st.tuples(*(member(name, depth) for name in names[:2]))
    )
    return st.one_of(st.just(()), one_each) if depth else st.just(())


def member(name: str, depth: int) -> st.SearchStrategy[Member]:
    return st.builds(
        Member,
        name=st.just(name),
        default=VALUES.map(json.dumps) if depth == 0 else st.just("null"),
        is_hidden=st.booleans(),
        is_list=st.booleans(),
        members=members(depth - 1) if depth else st.just(()),
    )


def documents(wanted: Member) -> st.SearchStrategy[Any]:
    """Return documents in which the member is of its shape, absent or null."""
    if not wanted.members:
        value: st.SearchStrategy[Any] = VALUES
    else:
        inner: st.SearchStrategy[Any] = st.fixed_dictionaries(
            {}, optional={one.name: value_of(one) for one in wanted.members}
        )
        value = st.lists(inner, max_size=3) if wanted.is_list else inner
    named = st.fixed_dictionaries({wanted.name: st.one_of(st.none(), value)})
    return st.one_of(st.just({}), named)


def value_of(wanted: Member) -> st.SearchStrategy[Any]:
    return documents(wanted).map(lambda found: found.get(wanted.name))


PAIRS = member("a", 3).flatmap(lambda one: st.tuples(st.just(one), documents(one)))


@given(PAIRS)
def test_both_ways_give_the_same(pair: tuple[Member, dict[str, Any]]) -> None:
    wanted, document = pair
    filler = Filler(DIALECTS["sqlite"], {})
    text = member_of(filler, "d.document", wanted)
    values = [*filler.parameters, json.dumps(document)]
    sql = f"SELECT {text} FROM (SELECT ${len(values)} AS document) d"
    named = {str(place): value for place, value in enumerate(values, start=1)}

    with sqlite3.connect(":memory:") as connection:
        ((found,),) = connection.execute(sql, named).fetchall()
    connection.close()

    assert json.loads(found) == taken(document, wanted)
