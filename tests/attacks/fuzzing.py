"""Asks a gateway whatever its schema allows to be asked, and looks for what breaks it.

    python tests/attacks/fuzzing.py [--cases 2000]

schemathesis makes the documents, for each root field in turn. Printed is how the
gateway answered, by code; nothing may be an internal error.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from graphql.language import ast
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from target import Target, attacked

FAULTS = {"INTERNAL_SERVER_ERROR", "PLUGIN_FAILED"}
SETTINGS = {"GUERDON_RATE_BURST": "0", "GUERDON_SYSTEM_RATE_BURST": "0"}
"""The rate is not what is tried here."""

tell = partial(print, flush=True)


def _text(values: st.SearchStrategy[str]) -> st.SearchStrategy[ast.StringValueNode]:
    return values.map(lambda value: ast.StringValueNode(value=value))


def _order(order_id: str, amount_minor: int) -> ast.ObjectValueNode:
    """Return the payload of a purchase."""
    values: dict[str, ast.ValueNode] = {
        "order_id": ast.StringValueNode(value=order_id),
        "amount_minor": ast.IntValueNode(value=str(amount_minor)),
        "currency_code": ast.StringValueNode(value="USD"),
    }
    fields = tuple(
        ast.ObjectFieldNode(name=ast.NameNode(value=name), value=value)
        for name, value in values.items()
    )
    return ast.ObjectValueNode(fields=fields)


def _scalars(target: Target) -> None:
    """Tell schemathesis what our scalars look like, mostly."""
    instants = st.datetimes().map(lambda one: one.isoformat() + "Z")
    number = st.integers(-(2**54), 2**54).map(lambda n: ast.IntValueNode(value=str(n)))
    scalars = {
        "Points": number,
        "SafeInt": number,
        "DateTime": _text(instants | st.text(max_size=30)),
        "IdempotencyKey": _text(st.text("abcdef0123-", min_size=10, max_size=70)),
        "JSON": _text(st.text(max_size=20)),
        "Payload": st.builds(_order, st.text(max_size=9), st.integers(-9, 10**9)),
    }
    known = (target.own_id, target.other_id, target.reward_id, "mbr_1", "")
    scalars["ID"] = _text(st.sampled_from(known) | st.text(max_size=40))
    for name, strategy in scalars.items():
        schemathesis.graphql.scalar(name, strategy)


def fuzz(target: Target, cases: int, number: int = 1) -> Counter[str]:
    """Send at least *cases* documents for two callers, and count the answers by code.

    Args:
        target: the gateway.
        cases: how many, for all root fields together.
        number: seed; the same one gives the same documents.
    """
    _scalars(target)
    tally: Counter[str] = Counter()
    callers = (target.staff, target.member)
    for token in callers:
        headers = {"Authorization": f"Bearer {token}"}
        schema = schemathesis.graphql.from_url(target.url, headers=headers)
        operations = [one.ok() for one in schema.get_all_operations()]
        share = -(-cases // len(callers) // len(operations))
        for operation in operations:
            _ask(operation, headers, share, number, tally)
    return tally


def _ask(
    operation: Any, headers: Any, cases: int, number: int, tally: Counter[str]
) -> None:
    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        response = case.call(headers=headers)
        for code in _codes(response):
            tally[code] += 1
            if code in FAULTS or response.status_code >= 500:
                tell(f"{code}: {case.body}")

    send()


def _codes(response: Any) -> Iterator[str]:
    errors = response.json().get("errors", ())
    yield from {str(one["extensions"]["code"]) for one in errors} or {"data"}


async def main(cases: int, folder: Path) -> Counter[str]:
    """Fuzz a gateway of its own; print and return what it answered."""
    async with attacked(folder, SETTINGS) as target:
        tally = await asyncio.to_thread(fuzz, target, cases)
        tally["complaint in the log"] += len(target.complaints())
    for code, count in tally.most_common():
        tell(f"{count:6} {code}")
    return tally


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fuzz a gateway.")
    parser.add_argument("--cases", type=int, default=2_000)
    given_cases = parser.parse_args().cases
    with TemporaryDirectory() as scratch:
        found = asyncio.run(main(given_cases, Path(scratch)))
    is_sound = not (found.keys() & FAULTS) and not found["complaint in the log"]
    sys.exit(0 if is_sound else 1)
