"""`guerdon token create|list|revoke`: look after keys."""

import json
import re
from datetime import datetime
from typing import Any

import click

from core.actors import Role, Scope
from core.clock import from_us
from core.engine import Engine
from core.errors import MemberNotFoundError
from core.ids import decode_as, encode
from core.program import keys, members, tokens
from gateway.cli.running import Installation, run

_LIFE_FORM = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


def _life(_: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Read a length of time such as `30d`, in microseconds."""
    if text is None:
        return None
    match = _LIFE_FORM.fullmatch(text)
    if match is None:
        raise click.BadParameter("is a number and m, h or d, such as 30d", param=option)
    return int(match[1]) * _UNITS_US[match[2]]


@click.group()
def token() -> None:
    """Look after keys, which clients send as bearer tokens."""


@token.command()
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="What the key is for.",
)
@click.option("--client", help="Name of the API client; scopes its idempotency keys.")
@click.option("--member", help="The member, by id or card number, for the role member.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="One of the only scopes of the role that the key gets; repeat it.",
)
@click.option(
    "--expires-in", "life_us", callback=_life, help="How long it is good, such as 30d."
)
@click.pass_obj
def create(  # noqa: PLR0913, PLR0917  (one for each option)
    installation: Installation,
    role: str,
    client: str | None,
    member: str | None,
    scopes: tuple[str, ...],
    life_us: int | None,
) -> None:
    """Make a key and print its secret, which is shown this once."""

    async def work() -> str:
        async with installation.open() as (engine, program_id):
            holder_id = None
            if member is not None:
                holder_id = await _member(engine, program_id, member)
            ends = None if life_us is None else engine.clock.now_us() + life_us
            return await tokens.create(
                engine,
                program_id=program_id,
                role=Role(role),
                client_id=client,
                holder_id=holder_id,
                scopes=frozenset(map(Scope, scopes)) if scopes else None,
                expires_at_us=ends,
            )

    click.echo(run(work))


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@click.pass_obj
def list_(installation: Installation, *, as_json: bool) -> None:
    """List the keys of the program; secrets are stored nowhere."""

    async def work() -> list[dict[str, Any]]:
        async with installation.open() as (engine, program_id):
            now_us = engine.clock.now_us()
            found = await keys.list_all(engine, program_id=program_id)
            return [_shown(one, now_us) for one in found]

    rows = run(work)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        scopes = ",".join(row["scopes"]) if row["narrowed"] else "all of the role"
        used = row["lastUsedAt"] or "never"
        click.echo(
            f"{row['id']}  {row['hint']}…  {row['state']:<7}  {row['role']:<10}  "
            f"{row['client']}  used {used}  ({scopes})"
        )


@token.command()
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(installation: Installation, key_id: str) -> None:
    """Revoke the key with this ID, for ever; `guerdon token list` tells it."""

    async def work() -> None:
        (number,) = decode_as("api_key", key_id)
        async with installation.open() as (engine, program_id):
            await keys.revoke_in(engine, program_id=program_id, key_id=number)

    run(work)
    click.echo(f"{key_id} is revoked")


def _shown(key: keys.Key, now_us: int) -> dict[str, Any]:
    return {
        "id": encode("api_key", key.key_id),
        "hint": key.hint,
        "state": key.state_at(now_us),
        "client": key.client_id,
        "role": key.role.value,
        "scopes": sorted(key.scopes),
        "narrowed": key.is_narrowed,
        "member": None if key.holder_id is None else encode("member", key.holder_id),
        "createdAt": _instant(key.created_at_us),
        "createdBy": key.created_by,
        "expiresAt": _instant(key.expires_at_us),
        "revokedAt": _instant(key.revoked_at_us),
        "lastUsedAt": _instant(key.last_used_at_us),
    }


def _instant(at_us: int | None) -> str | None:
    if at_us is None:
        return None
    at: datetime = from_us(at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


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
