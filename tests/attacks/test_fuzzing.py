"""Whatever the schema allows to be asked is answered; `make fuzz` asks much more."""

from pathlib import Path

import fuzzing


async def test_nothing_that_the_schema_allows_breaks_the_gateway(
    tmp_path: Path,
) -> None:
    tally = await fuzzing.main(150, tmp_path)

    assert tally["data"] > 0
    assert not tally.keys() & fuzzing.FAULTS
    assert tally["complaint in the log"] == 0
