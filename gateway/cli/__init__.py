"""The `guerdon` command."""

import click

from gateway.cli.bulk import export, restore
from gateway.cli.demo import demo
from gateway.cli.imports import import_group
from gateway.cli.inspection import doctor, schema
from gateway.cli.ledger import ledger
from gateway.cli.plugin import plugin
from gateway.cli.plugins import plugins
from gateway.cli.running import Installation
from gateway.cli.serve import serve
from gateway.cli.tokens import token
from gateway.cli.watch import watch
from gateway.cli.worker import worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guerdon")
@click.option(
    "--skip-plugin",
    "skipped",
    metavar="NAME",
    multiple=True,
    help="Start without this plugin; may be given several times.",
)
@click.pass_context
def main(context: click.Context, skipped: tuple[str, ...]) -> None:
    """Run and look after a Guerdon installation.

    Settings come from GUERDON_* variables; GUERDON_DATABASE_URL picks the database,
    by default the SQLite file guerdon.db in the present folder.
    """
    context.obj = Installation(skipped)


for command in (
    serve,
    demo,
    import_group,
    export,
    restore,
    ledger,
    schema,
    plugins,
    plugin,
    token,
    doctor,
    watch,
    worker,
):
    main.add_command(command)
