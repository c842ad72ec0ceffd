"""`guerdon schema` and `guerdon doctor`."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import uvloop
from graphql import GraphQLError

from core.engine import is_current
from core.errors import GuerdonError
from gateway.cli.running import FAILED, Installation, told
from gateway.schema import build_schema
from gateway.schema_changes import Change, Gravity, changes
from gateway.starting import gateway_of

_PACKAGES = ("core", "gateway", "guerdon", "plugins")


@click.group(invoke_without_command=True)
@click.pass_context
def schema(context: click.Context) -> None:
    """Print the GraphQL schema, with the types of the installed plugins."""
    if context.invoked_subcommand is None:
        with told():
            click.echo(build_schema(context.obj.registry()).as_str())


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@schema.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@click.pass_obj
def diff(
    installation: Installation, old: Path, new: Path | None, *, as_json: bool
) -> None:
    """Say what changed since OLD, a file; in NEW, or else in this installation.

    Exit status 1 if a change breaks clients.
    """
    with told():
        later = new.read_text() if new else build_schema(installation.registry())
        try:
            found = changes(old.read_text(), str(later))
        except (GraphQLError, TypeError) as error:
            raise click.ClickException(f"not a schema: {error}") from error
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{one.gravity:9}  {one.text}")
        click.echo(_summary(found))
    if any(one.gravity is Gravity.BREAKING for one in found):
        raise SystemExit(FAILED)


def _summary(found: list[Change]) -> str:
    counts = Counter(one.gravity for one in found)
    told_counts = ", ".join(f"{counts[one]} {one}" for one in Gravity)
    return told_counts if found else "nothing changed"


@click.command()
@click.pass_obj
def doctor(installation: Installation) -> None:
    """Check settings, packages, plugins and the database; exit status 1 on a fault."""
    is_well = True
    for name, check in _checks(installation):
        try:
            complaint = check()
        except GuerdonError as error:
            complaint = str(error)
        click.echo(f"{'ok' if complaint is None else 'FAULT':6} {name}")
        if complaint is not None:
            is_well = False
            click.echo(f"       {complaint}")
    if not is_well:
        raise SystemExit(FAILED)


def _checks(
    installation: Installation,
) -> Iterator[tuple[str, Callable[[], str | None]]]:
    yield "packages belong to Guerdon alone", _foreign_owners
    yield "settings", lambda: _passes(installation.settings)
    yield "plugins load", lambda: _passes(installation.registry)
    yield (
        "persisted documents",
        lambda: _passes(
            lambda: gateway_of(installation.registry(), installation.settings())
        ),
    )
    yield "database", lambda: _database(installation)


def _passes(check: Callable[[], object]) -> None:
    """Run a check that raises what is wrong."""
    check()


def _foreign_owners() -> str | None:
    """Name other distributions that have written into our packages.

    Installers overwrite without a word when two packages ship the same folder.
    """
    owners = packages_distributions()
    clashes = {
        package: strangers
        for package in _PACKAGES
        if (strangers := sorted(set(owners.get(package, [])) - {"guerdon"}))
    }
    if not clashes:
        return None
    return "; ".join(
        f"{package} is also shipped by {', '.join(strangers)}"
        for package, strangers in clashes.items()
    )


def _database(installation: Installation) -> str | None:
    if uvloop.run(is_current(installation.settings())):
        return None
    return "its schema is not the newest; any other command brings it up to date"
