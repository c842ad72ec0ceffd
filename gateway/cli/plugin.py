"""`guerdon plugin`: for those who write plugins, and those who part with them."""

from pathlib import Path

import click
import orjson

from core.extension.loading import installed_sources
from core.program.retirement import Retired, retire
from gateway.checking.apart import check_apart
from gateway.checking.findings import Level
from gateway.cli.running import FAILED, PARTLY_FAILED, Installation, run, told
from gateway.scaffold import KINDS, scaffold


@click.group()
def plugin() -> None:
    """Write plugins, check them, and take them out of use."""


@plugin.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=KINDS[0],
    show_default=True,
    help="What it brings at first.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path(),
    help="Where its folder is made.  [default: here]",
)
def new(name: str, kind: str, folder: Path) -> None:
    """Write a new plugin NAME, such as acme-lounge, that passes its tests at once."""
    with told():
        taken = {source.name for source in installed_sources(())}
        for path in scaffold(name, kind, folder, taken=taken):
            click.echo(path)
    click.echo(f"\nNext: cd {folder / name} && pip install -e . && pytest")


@plugin.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--schema", "shows_schema", is_flag=True, help="Print its types, too.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="How long it may take.",
)
@click.pass_obj
def check(
    installation: Installation,
    path: Path,
    *,
    shows_schema: bool,
    is_json: bool,
    seconds: float,
) -> None:
    """Check the plugin in PATH, a folder with a pyproject.toml or a module.

    It is loaded beside the installed plugins, in a process of its own, with the
    settings that it finds in the environment. Exit status 1 on a fault.
    """
    findings, types = check_apart(
        path,
        shows_schema=shows_schema,
        skipped=installation.skipped,
        limit_s=seconds,
    )
    is_well = all(one.level is not Level.FAULT for one in findings)
    if is_json:
        document = {"ok": is_well, "findings": [one.document() for one in findings]}
        shown = document | ({"schema": types} if shows_schema else {})
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
    else:
        for one in findings:
            click.echo(f"{one.level.value:5} {one.topic}: {one.text}")
        if types:
            click.echo(f"\n{types}")
    if not is_well:
        raise SystemExit(FAILED)


@plugin.command(name="retire")
@click.argument("reward_type")
@click.option(
    "--release",
    is_flag=True,
    help="Give back the points of what is open: nobody gets the reward.",
)
@click.pass_obj
def retire_type(installation: Installation, reward_type: str, *, release: bool) -> None:
    """Take the rewards of REWARD_TYPE off sale, before its plugin is removed.

    Exit status 2 while redemptions are open.
    """

    async def work() -> Retired:
        async with installation.open() as (engine, _):
            return await retire(engine, reward_type, release=release)

    done = run(work)
    click.echo(
        f"Rewards taken off sale: {done.rewards}. Redemptions released: "
        f"{done.released}, still open: {done.open}."
    )
    if done.open:
        click.echo("Wait until they are finished, or see --release.", err=True)
        raise SystemExit(PARTLY_FAILED)
