"""The public API for partners: these names, and no logic of its own."""

import ast
from pathlib import Path

import guerdon

SOURCE = Path(guerdon.__file__ or "").read_text(encoding="utf-8")


def test_names_are_what_is_promised() -> None:
    assert guerdon.__all__ == [
        "Code",
        "CodeReward",
        "CodeTerms",
        "EarningAction",
        "Fact",
        "Fulfilled",
        "FulfillmentRefused",
        "Money",
        "NotFulfilled",
        "Part",
        "PartlyFulfilled",
        "Probed",
        "RevocationRefused",
        "RewardRequest",
        "RewardType",
        "Stored",
        "Trust",
        "Uniqueness",
        "Unknown",
        "Visibility",
        "derive_code",
        "hookimpl",
    ]
    assert all(hasattr(guerdon, name) for name in guerdon.__all__)


def test_facade_only_re_exports() -> None:
    statements = ast.parse(SOURCE).body

    assert {type(one) for one in statements} == {ast.Expr, ast.ImportFrom, ast.Assign}
