"""Measures the ledger beside what the databases can do without it.

Figures are ratios of things measured in turns in one run; they are never asserted.
"""

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import click
import table
import uvloop
from crowds import hot, many
from depth import depth
from figures import Result
from flat import flat
from imports import imports
from lone import lone
from naive import naive
from scene import FULL, QUICK, Scene
from server import started
from spending import spending
from storage import storage
from watchers import watchers

from gateway.cli.running import collect_rarely

Part = Callable[[Scene], Awaitable[list[Result]]]
PARTS: dict[str, Part] = {
    "a": many,
    "b": hot,
    "c": naive,
    "d": spending,
    "e": lone,
    "f": flat,
    "g": depth,
    "h": watchers,
    "i": storage,
    "j": imports,
}


async def measure(scene: Scene, parts: str) -> list[Result]:
    """Run *parts*, and tell how far they are."""
    results = []
    for part in parts:
        begin = time.monotonic()
        results += await PARTS[part](scene)
        seconds = time.monotonic() - begin
        click.echo(f"{part} took {seconds:.0f} s", err=True)
    return results


def _parts(_: click.Context, __: click.Parameter, text: str | None) -> str:
    wanted = text.split(",") if text else list(PARTS)
    if unknown := [one for one in wanted if one not in PARTS]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(PARTS)}")
    return "".join(one for one in PARTS if one in wanted)


@click.command()
@click.option("--quick", is_flag=True, help="Less of everything: a rough look.")
@click.option("--only", callback=_parts, metavar="a,c", help="Some parts only.")
@click.option("--markdown", is_flag=True, help="Print the rows of docs/performance.md.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write a file.")
def main(*, quick: bool, only: str, markdown: bool, file: Path | None) -> None:
    """Measure the ledger beside what the databases can do without it."""
    collect_rarely()  # as every command of ours does
    with started() as server, tempfile.TemporaryDirectory() as folder:
        scene = Scene(server, Path(folder), QUICK if quick else FULL)
        results = uvloop.run(measure(scene, only))
        about = table.machine(server.value("postgres", "SHOW server_version"))
    if file is not None:
        file.write_bytes(table.as_json(results, about))
    click.echo(table.markdown(results) if markdown else table.plain(results))
    click.echo("" if not quick else "\nA quick look: not the sizes that are named.")
    click.echo(table.sentence(about))


if __name__ == "__main__":
    main()
