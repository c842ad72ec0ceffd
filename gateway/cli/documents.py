"""`guerdon documents check`."""

import click

from gateway.cli.running import FAILED, Installation, told
from gateway.execution import Executor
from gateway.manifest import load_manifest
from gateway.schema import build_schema
from gateway.starting import reason_of


@click.group()
def documents() -> None:
    """Look after persisted documents."""


@documents.command()
@click.argument("file")
@click.pass_obj
def check(installation: Installation, file: str) -> None:
    """Say which documents of the manifest FILE cannot run here; exit status 1 if any.

    They are checked against the schema with the installed plugins, and against the
    limits of the settings, as at the start of the gateway.
    """
    with told():
        manifest = load_manifest(file)
        schema = build_schema(installation.registry())
        executor = Executor(schema, installation.settings())
    wrong = executor.persist(manifest)
    for name, errors in wrong.items():
        click.echo(f"{name}: {reason_of(errors)}")
    click.echo(f"{len(manifest) - len(wrong)} of {len(manifest)} documents can run")
    if wrong:
        raise SystemExit(FAILED)
