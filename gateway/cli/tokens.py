"""`guerdon token create`."""

import click

from core.actors import Role
from core.engine import Engine
from core.errors import MemberNotFoundError
from core.ids import decode_as
from core.program import members, tokens
from gateway.cli.running import Installation, run


@click.group()
def token() -> None:
    """Look after bearer tokens."""


@token.command()
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="What the token may do.",
)
@click.option("--client", help="Name of the API client; scopes its idempotency keys.")
@click.option("--member", help="The member, by id or card number, for the role member.")
@click.pass_obj
def create(
    installation: Installation, role: str, client: str | None, member: str | None
) -> None:
    """Make a token and print its secret, which is shown this once."""

    async def work() -> str:
        async with installation.open() as (engine, program_id):
            holder_id = None
            if member is not None:
                holder_id = await _member(engine, program_id, member)
            return await tokens.create(
                engine,
                program_id=program_id,
                role=Role(role),
                client_id=client,
                holder_id=holder_id,
            )

    click.echo(run(work))


async def _member(engine: Engine, program_id: int, named: str) -> int:
    if named.startswith("mbr_"):
        (holder_id,) = decode_as("member", named, field="member")
    else:
        found = await members.find(engine, program_id=program_id, number=named)
        if found is None:
            raise MemberNotFoundError
        holder_id = found
    if not await members.exists(engine, holder_id):
        raise MemberNotFoundError
    return holder_id
