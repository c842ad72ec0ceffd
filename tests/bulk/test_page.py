"""The operators' page says what the code does."""

import re
from pathlib import Path

from pydantic import BaseModel

from core.bulk.lines import AdjustLine, EarnLine, MemberLine, Opening, RedeemLine
from core.engine import Engine
from tests.bulk.everything import on_sqlite
from tests.bulk.pasts import bring

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
KINDS: dict[str, type[BaseModel]] = {
    "member": MemberLine,
    "earn": EarnLine,
    "redeem": RedeemLine,
    "adjust": AdjustLine,
    "opening": Opening,
}


def test_every_field_is_listed_where_it_may_stand() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", PAGE, re.MULTILINE)
    listed = {
        kind: {name for name, kinds in rows if kind in kinds.split(", ")}
        for kind in KINDS
    }

    assert listed == {
        kind: {field.alias for field in model.model_fields.values()} - {"type"}
        for kind, model in KINDS.items()
    }


def test_what_may_be_left_out_says_so() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [\w, ]+ \| (.*) \|$", PAGE, re.MULTILINE))
    optional = {
        field.alias
        for model in KINDS.values()
        for field in model.model_fields.values()
        if not field.is_required()
    }

    assert optional == {
        name
        for name, told in rows.items()
        if "left out" in told or "without it" in told
    }


@on_sqlite
async def test_the_example_can_be_imported(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    example = tmp_path / "example.jsonl"
    example.write_text(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])

    summary = await bring(engine, program_id, example)

    assert (summary.errors, summary.members, summary.transactions) == ((), 1, 4)
    assert summary.totals["PTS"].outstanding == 1_200 + 29 - 500 - 20
