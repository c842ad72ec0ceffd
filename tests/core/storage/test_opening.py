"""What cannot be opened says why, and how to name what can."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError, DatabaseUnreachableError
from core.storage.opening import open_database


@pytest.mark.parametrize("url", ["", "sqlite:///", "mysql://x/y", "guerdon.db"])
async def test_another_kind_of_url(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///FILE or postgresql://"):
        await open_database(url)


async def test_no_file_is_made_unless_asked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"

    for _ in range(2):
        with pytest.raises(DatabaseUnreachableError, match="there is no file"):
            await open_database(url, migrate=False)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)

    with pytest.raises(DatabaseUnreachableError, match="not a database"):
        await open_database(f"sqlite:///{path}")


async def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachableError, match="cannot be opened"):
        await open_database(f"postgresql://nobody:@/none?host={tmp_path}")


async def test_no_such_database(postgres: str) -> None:
    with pytest.raises(DatabaseUnreachableError, match="does not exist"):
        await open_database(postgres.format("none"))


async def test_a_secret_in_the_url_is_not_repeated(postgres: str) -> None:
    url = postgres.format("none").replace("postgres:@", "postgres:s3cret@")

    with pytest.raises(DatabaseUnreachableError) as caught:
        await open_database(url)

    assert "s3cret" not in str(caught.value)
