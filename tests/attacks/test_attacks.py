"""A gateway withstands all attacks; `attacking.py` beside this prints the table."""

from pathlib import Path

import attacking


async def test_every_attack_is_answered_as_it_should_be(tmp_path: Path) -> None:
    assert await attacking.main(tmp_path) == []
