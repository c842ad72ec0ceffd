"""`guerdon program`: a program as a file, planned, applied, compared, exported."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from core.engine import Engine
from core.errors import ConfigurationError
from core.program import definition, faults, standing, versions
from core.program.differences import compare
from core.program.document import Document
from core.program.fitting import Fault
from core.program.versions import State
from gateway import program_files
from gateway.cli.planning import Plan, told_differences, told_faults
from gateway.cli.running import Installation, run, told

CHANGES = 2
"""Exit status: there are changes."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NOTE = click.option("--note", help="Why, for the record.")


@click.group()
def program() -> None:
    """Look after a program as a file.

    A command works on the program that the file names, or on that of
    `guerdon --program CODE`: so what was tried in a sandbox can be promoted.
    """


@program.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def plan(installation: Installation, file: Path) -> None:
    """Tell what `apply FILE` would do; exit status 2 if it would do anything."""

    async def work() -> Plan:
        async with opened(installation) as engine:
            return await _plan(engine, _values(installation, file))

    found = run(work)
    click.echo(found.told())
    if found.differences:
        raise SystemExit(CHANGES)


@program.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_NOTE
@click.option(
    "--sandbox",
    is_flag=True,
    help="Make a new program a sandbox, whose clock is moved by hand.",
)
@click.pass_obj
def apply(
    installation: Installation,
    file: Path,
    yes: bool,  # noqa: FBT001  (a flag of the command line)
    note: str | None,
    sandbox: bool,  # noqa: FBT001
) -> None:
    """Make the program what FILE says.

    Shows the plan and asks, unless --yes. Where two people must agree, it drafts the
    version, and an API client approves it.
    """

    async def work() -> None:
        async with opened(installation) as engine:
            values = _values(installation, file)
            found = await _plan(engine, values)
            click.echo(found.told())
            if found.differences and not yes:
                click.confirm("Apply it?", abort=True)
            version = await definition.apply_version(
                engine,
                values,
                note=note,
                clock_us=engine.clock.now_us() if sandbox else None,
                types_may_come=False,
            )
            is_draft = version.state is State.DRAFT
            done = "is drafted: somebody must approve it" if is_draft else "stands"
            click.echo(f"Version {version.number} {done}.")

    run(work)


@program.command()
@click.argument("before")
@click.argument("after")
@click.pass_obj
def diff(installation: Installation, before: str, after: str) -> None:
    """Tell what makes AFTER of BEFORE; exit status 2 if they differ.

    Each is a file, or the number of a version.
    """
    old, new = (_document(installation, one) for one in (before, after))
    differences = compare(old, new)
    click.echo(told_differences(differences) or "They say the same.")
    if differences:
        raise SystemExit(CHANGES)


@program.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--version", type=int, help="Of this version; of the one that stands.")
@click.pass_obj
def export(installation: Installation, file: Path | None, version: int | None) -> None:
    """Write the program as TOML to FILE, or print it. Comments are not kept."""

    async def work() -> str:
        async with opened(installation) as engine:
            found = await _stored(engine, installation, version)
            return program_files.dump(found)

    text = run(work)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")


@program.command()
@click.argument("file", type=_FILE)
@click.pass_obj
def validate(installation: Installation, file: Path) -> None:
    """Tell whether FILE is a program by itself, without any database."""
    with told():
        values = program_files.load(file.read_text(encoding="utf-8"), file.name)
        read = faults.read(values, installation.registry(), set())
    if read.faults:
        raise _faulty(read.faults)
    click.echo(f"{file.name} is valid.")


@program.command()
@click.argument("template", type=click.Choice(program_files.templates()))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def new(template: str, file: Path | None) -> None:
    """Write a TEMPLATE to FILE, or print it."""
    text = program_files.template(template)
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    file.write_text(text, encoding="utf-8")


@asynccontextmanager
async def opened(installation: Installation) -> AsyncIterator[Engine]:
    """Open the engine, and make no program."""
    async with Engine.open(installation.settings(), installation.registry()) as engine:
        yield engine


def _values(installation: Installation, file: Path) -> dict[str, Any]:
    values = program_files.load(file.read_text(encoding="utf-8"), file.name)
    code = installation.program
    return values if code is None else values | {"code": code}


async def _plan(engine: Engine, values: dict[str, Any]) -> Plan:
    code = values.get("code")
    program_id = await definition.find(engine, code) if isinstance(code, str) else None
    checked, found = await standing.check(engine, program_id, values)
    if checked is None:
        raise _faulty(found)
    return await Plan.of(engine, program_id, checked.document)


def _document(installation: Installation, named: str) -> Document:
    """Return the document of a file, or of a version."""
    path = Path(named)
    if path.is_file():
        with told():
            values = program_files.load(path.read_text(encoding="utf-8"), path.name)
            read = faults.read(values, installation.registry(), None)
        if read.document is None:
            raise _faulty(read.faults)
        return read.document
    if not named.isdigit():
        reason = f"{named} is neither a file nor the number of a version"
        raise click.ClickException(reason)

    async def work() -> Document:
        async with opened(installation) as engine:
            return await _stored(engine, installation, int(named))

    return run(work)


async def _stored(
    engine: Engine, installation: Installation, number: int | None
) -> Document:
    program_id = await installation.program_id(engine)
    if number is None:
        stands = await versions.published(engine, program_id)
        if stands is None:
            raise ConfigurationError("no version of the program was published yet")
        number = stands.number
    return await versions.document(engine, program_id, number)


def _faulty(found: list[Fault]) -> click.ClickException:
    return click.ClickException(told_faults(found))
