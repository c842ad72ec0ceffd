"""The `guerdon` command.

A command's module is loaded when it is asked for: most need a part of the engine alone.
"""

from importlib import import_module

import click

COMMANDS = {
    "serve": "gateway.cli.serve:serve",
    "demo": "gateway.cli.demo:demo",
    "import": "gateway.cli.imports:import_group",
    "export": "gateway.cli.bulk:export",
    "restore": "gateway.cli.bulk:restore",
    "ledger": "gateway.cli.ledger:ledger",
    "schema": "gateway.cli.inspection:schema",
    "documents": "gateway.cli.documents:documents",
    "plugins": "gateway.cli.plugins:plugins",
    "plugin": "gateway.cli.plugin:plugin",
    "program": "gateway.cli.program:program",
    "token": "gateway.cli.tokens:token",
    "doctor": "gateway.cli.inspection:doctor",
    "watch": "gateway.cli.watch:watch",
    "worker": "gateway.cli.worker:worker",
}
"""Where each command is."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, as `--help` shows them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guerdon")
@click.option(
    "--skip-plugin",
    "skipped",
    metavar="NAME",
    multiple=True,
    help="Start without this plugin; may be given several times.",
)
@click.option(
    "--program",
    "code",
    metavar="CODE",
    help="Work on this program.  [default: the oldest, or that of the file]",
)
@click.pass_context
def main(context: click.Context, skipped: tuple[str, ...], code: str | None) -> None:
    """Run and look after a Guerdon installation.

    Settings come from GUERDON_* variables; GUERDON_DATABASE_URL picks the database,
    by default the SQLite file guerdon.db in the present folder.
    """
    from gateway.cli.running import Installation  # noqa: PLC0415  (as the commands)

    context.obj = Installation(skipped, code)
