"""`guerdon import orders` and `guerdon import history`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from core.bulk import history as bulk
from gateway.cli.running import PARTLY_FAILED, Installation, counted, run
from gateway.importing import cdnow, csv_orders
from gateway.importing.orders import LineError
from gateway.importing.replay import replay
from gateway.importing.runner import Import, Summary

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = {"cdnow": cdnow.read_orders, "csv": csv_orders.read_orders}


@click.group("import")
def import_group() -> None:
    """Import data from files."""


@import_group.command()
@click.argument("file", type=_FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(_FORMATS)),
    default="csv",
    show_default=True,
    help="csv: columns customer_number, order_id, date, amount, currency (optional).",
)
@click.option(
    "--clock",
    "moves_clock",
    is_flag=True,
    help="Move the clock of a sandbox along the dates of the orders.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@click.pass_obj
def orders(
    installation: Installation,
    file: Path,
    form: str,
    moves_clock: bool,  # noqa: FBT001
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
            if moves_clock:
                return await replay(engine, program_id, lines, _tell)
            return await Import(engine, program_id).run(lines, _tell)

    summary = run(work)
    figures = summary.document()
    click.echo(json.dumps(figures) if as_json else _described(figures))
    if summary.errors:
        raise SystemExit(PARTLY_FAILED)


@import_group.command()
@click.argument("file", type=_FILE)
@click.option("--name", help="Name of the import.  [default: that of FILE]")
@click.option("--dry-run", is_flag=True, help="Calculate and tell all, write nothing.")
@click.option(
    "--workers",
    type=click.IntRange(0),
    help="Processes beside this one.  [default: as many as are worth it]",
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=bulk.BATCH,
    show_default=True,
    help="Lines that are written at once.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@click.pass_obj
def history(  # noqa: PLR0913, PLR0917  (options of the command line)
    installation: Installation,
    file: Path,
    name: str | None,
    dry_run: bool,  # noqa: FBT001
    workers: int | None,
    batch: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Import members with their finished history from FILE, as lines of JSON.

    Each member is imported whole or not at all. Safe to repeat under the same name:
    what is there is skipped, and a run that was killed is finished by running it again.
    What is wrong is told by line, and the exit status is 2.
    """
    order = bulk.Order(file, name or file.stem, dry_run, workers, batch)

    async def work() -> bulk.Summary:
        async with installation.open() as (engine, program_id):
            with counted("lines") as progress:
                return await bulk.import_history(engine, program_id, order, progress)

    summary = run(work)
    for error in summary.errors:
        click.echo(str(error), err=True)
    figures = _figures(summary)
    click.echo(json.dumps(figures) if as_json else _told(figures))
    if summary.errors:
        raise SystemExit(PARTLY_FAILED)


def _figures(summary: bulk.Summary) -> dict[str, Any]:
    return {
        "written": summary.is_written,
        "members": summary.members,
        "transactions": summary.transactions,
        "skipped": summary.skipped,
        "left_out": summary.left_out,
        "errors": len(summary.errors),
        "currencies": {
            code: {
                "issued": one.issued,
                "adjusted": one.adjusted,
                "redeemed": one.redeemed,
                "expired": one.expired,
                "outstanding": one.outstanding,
            }
            for code, one in summary.totals.items()
        },
    }


def _told(figures: dict[str, Any]) -> str:
    lines = [
        "{members:,} members, {transactions:,} transactions.".format(**figures),
        "{skipped:,} lines were there already.".format(**figures),
        "{errors:,} lines are wrong, {left_out:,} members left out.".format(**figures),
    ]
    for code, sums in figures["currencies"].items():
        parts = (f"{number:,} {what}" for what, number in sums.items())
        lines.append(f"{code}: {', '.join(parts)}.")
    if not figures["written"]:
        lines.append("Nothing was written.")
    return "\n".join(lines)


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
