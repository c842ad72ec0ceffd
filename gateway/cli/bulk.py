"""`guerdon export` and `guerdon restore`."""

import json
from pathlib import Path

import click

from core.bulk.export import Contents
from core.bulk.export import export as export_all
from core.bulk.restore import restore as restore_all
from gateway.cli.running import Installation, counted, run

_FILE = click.Path(dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@click.argument("file", type=_FILE)
@_JSON
@click.pass_obj
def export(
    installation: Installation,
    file: Path,
    as_json: bool,  # noqa: FBT001  (a flag of the command line)
) -> None:
    """Write everything that the database holds to FILE, as lines of JSON.

    FILE is packed with gzip if its name ends with .gz. It holds secrets, so only its
    owner may read it. Others may go on working; the file shows one moment.
    """
    contents = run(lambda: export_all(installation.settings(), file))
    click.echo(_described("Exported", contents, as_json=as_json))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_JSON
@click.pass_obj
def restore(
    installation: Installation,
    file: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Make an empty database what the export FILE holds.

    FILE is checked first. If it was changed, or the database is not empty, nothing is
    written. A restore that was stopped has written nothing; begin it again.
    """
    with counted("rows") as progress:
        contents = run(lambda: restore_all(installation.settings(), file, progress))
    click.echo(_described("Restored", contents, as_json=as_json))


def _described(verb: str, contents: Contents, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"rows": contents.rows, "root": contents.root})
    return f"{verb} {contents.rows:,} rows.\nRoot: {contents.root}"
