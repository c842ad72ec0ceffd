"""Which client was run by which tests, and what of it passed: a table at the end."""

import re
from collections import Counter
from collections.abc import Iterable

import npm

_ENDS = "test_graphql_ws.py::test_streams"
_PERSISTED = "test_persisted.py::test_"
CLIENTS = {
    "graphql-http": "test_audit",
    "graphql-ws": "test_graphql_ws",
    "graphql-sse": f"test_graphql_sse|{_ENDS}",
    "@apollo/client": f"test_apollo|{_ENDS}|{_PERSISTED}apollo",
    "@urql/core": f"test_urql|{_ENDS}",
    "relay-compiler": f"test_relay|{_PERSISTED}relay",
    "react-relay": "test_relay",
    "@graphql-codegen/cli": f"test_types|{_PERSISTED}documents_of_the_client_preset",
    "@graphql-eslint/eslint-plugin": "test_schema.py::test_the_linter",
    "@graphql-inspector/core": "test_schema.py::test_inspector",
}
"""By name: which of the tests run it."""
_ROW = re.compile(r"^\| `([^`]+)` \| ([\d.]+) \| (.+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    """Return client, version and what is run, as the page for front ends has them."""
    return _ROW.findall((npm.ROOT / "docs" / "frontend.md").read_text())


def table(passed: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return the table of clients of which something ran.

    Args:
        passed: tests that passed.
        others: those that failed.
    """
    good, bad = list(passed), list(others)
    lines = []
    for client, version, what in rows():
        ours = re.compile(f"clients/({CLIENTS[client]})")
        counts = Counter(
            is_good
            for is_good, names in ((True, good), (False, bad))
            for name in names
            if ours.search(name)
        )
        if counts:
            ran = f"{counts[True]} of {counts.total()}"
            lines.append(f"{client:30} {version:9} {ran:9} {what}")
    return lines
