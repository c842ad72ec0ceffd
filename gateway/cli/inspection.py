"""`guerdon schema` and `guerdon doctor`."""

from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions

import click
import uvloop

from core.engine import is_current
from core.errors import GuerdonError
from gateway.cli.running import FAILED, Installation, told
from gateway.schema import build_schema

_PACKAGES = ("core", "gateway", "guerdon", "plugins")


@click.command()
@click.pass_obj
def schema(installation: Installation) -> None:
    """Print the GraphQL schema, with the types of the installed plugins."""
    with told():
        click.echo(build_schema(installation.registry()).as_str())


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
