"""The audit of graphql-http."""

from collections import Counter
from typing import Any

import npm

AUDITS = 61


def test_all_audits_pass(shop: Any) -> None:
    audits = npm.drive("audit", shop.visit())

    statuses = Counter(one["status"] for one in audits)
    print(f"\ngraphql-http: {statuses['ok']} of {len(audits)} audits pass")  # noqa: T201
    assert [one for one in audits if one["status"] != "ok"] == []
    assert len(audits) == AUDITS
