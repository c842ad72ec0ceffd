"""`guerdon import orders`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli.running import PARTLY_FAILED, Installation, run
from gateway.importing import cdnow, csv_orders
from gateway.importing.orders import LineError
from gateway.importing.runner import Import, Summary

_FORMATS = {"cdnow": cdnow.read_orders, "csv": csv_orders.read_orders}


@click.group("import")
def import_group() -> None:
    """Import data from files."""


@import_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(_FORMATS)),
    default="csv",
    show_default=True,
    help="csv: columns customer_number, order_id, date, amount, currency (optional).",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@click.pass_obj
def orders(
    installation: Installation,
    file: Path,
    form: str,
    as_json: bool,  # noqa: FBT001  (a flag of the command line)
) -> None:
    """Enroll the customers of FILE and record its orders.

    Safe to repeat: a second run changes nothing, and a run that was killed is finished
    by running it again. A line that is wrong is told and left out, the rest is
    imported, and the exit status is 2.
    """

    async def work() -> Summary:
        async with installation.open() as (engine, program_id):
            lines = _FORMATS[form](_lines(file))
            return await Import(engine, program_id).run(lines, _tell)

    summary = run(work)
    figures = summary.document()
    click.echo(json.dumps(figures) if as_json else _described(figures))
    if summary.errors:
        raise SystemExit(PARTLY_FAILED)


def _lines(file: Path) -> Iterator[bytes]:
    """Yield the lines with their ends; show on a terminal how far it is."""
    size = file.stat().st_size
    bar = click.progressbar(
        length=size,
        label=f"Importing {file.name}",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    )
    with file.open("rb") as lines, bar:
        for line in lines:
            yield line
            bar.update(len(line))


def _tell(error: LineError) -> None:
    click.echo(f"line {error.line}: {error.reason}", err=True)


def _described(figures: dict[str, int]) -> str:
    return (
        f"{figures['orders']:,} orders recorded, {figures['members']:,} members "
        f"enrolled, {figures['points_issued']:,} points issued; "
        f"{figures['skipped']:,} orders were there already, "
        f"{figures['errors']:,} lines were wrong."
    )
