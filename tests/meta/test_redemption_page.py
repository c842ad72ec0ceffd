"""The page on redemptions says what the code does."""

import re
from pathlib import Path

import pytest
from click import Context, Group
from graphql import parse, validate

from core.extension.registry import Registry
from core.program.redemption_row import Status
from core.program.reviews import ALLOWED, Resolution
from core.settings import PREFIX, Settings
from gateway.cli import main
from gateway.schema import build_schema

PAGE = (Path(__file__).parents[2] / "docs" / "redemptions.md").read_text()
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


def tables() -> list[list[list[str]]]:
    """Return the tables of the page: rows of cells, the head first."""
    found = re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE)
    return [
        [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in table.splitlines()
            if not set(line) <= set("|- ")
        ]
        for table in found
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_are_valid(document: str) -> None:
    schema = build_schema(Registry.installed())._schema

    assert validate(schema, parse(document)) == []


def test_the_statuses() -> None:
    shown = {row[0].strip("`") for row in tables()[0][1:]}

    assert shown == {one.value for one in Status} - {"HELD"}


def test_what_can_be_decided() -> None:
    head, *rows = tables()[1]
    resolutions = [Resolution(one.strip("`")) for one in head[1:]]
    shown = {
        Status(status): {
            one for one, cell in zip(resolutions, row[1:], strict=True) if cell
        }
        for row in rows
        for status in re.findall(r"`(\w+)`", row[0])
    }

    assert shown == ALLOWED


def test_the_settings_and_commands_exist() -> None:
    names = {f"{PREFIX}{one.upper()}" for one in Settings.__dataclass_fields__}
    shown = set(re.findall(r"GUERDON_\w+", PAGE)) - {
        "GUERDON_PLUGIN_NAME_CALLBACK_SECRET"
    }
    commands = re.findall(r"^guerdon (\w+) (\w+)", PAGE, re.MULTILINE)

    assert shown <= names
    assert commands
    for group, command in commands:
        found = main.get_command(Context(main), group)
        assert isinstance(found, Group)
        assert command in found.commands
