"""`guerdon demo`."""

import json
import os
import shlex
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import click

from core.actors import Role
from core.engine import Engine
from core.ids import encode
from core.program import insight, tokens
from gateway.cli.running import FAILED, Installation, run
from gateway.cli.serve import listen
from gateway.demo import story

DATABASE = "guerdon-demo.db"


@click.command()
@click.option("--no-serve", is_flag=True, help="Load and check, then end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--database",
    type=click.Path(dir_okay=False),
    help=f"SQLite file.  [default: GUERDON_DATABASE_URL, or {DATABASE}]",
)
@click.pass_obj
def demo(
    installation: Installation,
    no_serve: bool,  # noqa: FBT001  (a flag of the command line)
    as_json: bool,  # noqa: FBT001
    database: str | None,
) -> None:
    """Load real purchases, let members redeem, prove the ledger, and serve."""
    url = None
    if database is not None or "GUERDON_DATABASE_URL" not in os.environ:
        url = f"sqlite:///{database or DATABASE}"

    async def work() -> bool:
        async with installation.open(url) as (engine, program_id):
            figures = await story.tell(engine, program_id, _progress)
            click.echo(json.dumps(figures) if as_json else _described(figures))
            if not no_serve:
                secret = await tokens.create(
                    engine,
                    program_id=program_id,
                    role=Role.INTEGRATOR,
                    client_id="demo-shop",
                )
                click.echo(await _next_steps(engine, program_id, secret))
                await listen(engine, None, None)
            return bool(figures["verified"])

    if not run(work):
        raise SystemExit(FAILED)


def _progress(lines: Iterable[bytes]) -> Iterable[bytes]:
    """Show on a terminal how far the import is."""
    lines = list(lines)
    bar: Any = nullcontext(lines)
    if sys.stderr.isatty():
        bar = click.progressbar(lines, label="Importing purchases", file=sys.stderr)
    with bar as shown:
        yield from shown


def _described(figures: dict[str, Any]) -> str:
    def counted(counts: dict[str, int]) -> str:
        return ", ".join(f"{number:,} {name}" for name, number in counts.items())

    proof = "proves itself" if figures["verified"] else "DOES NOT PROVE ITSELF"
    return (
        f"{figures['members']:,} members made {figures['orders']:,} purchases and "
        f"earned {figures['points_issued']:,} points.\n"
        f"Redemptions: {counted(figures['redemptions'])}.\n"
        f"Tiers: {counted(figures['tiers'])}.\n"
        f"{figures['points_available']:,} points are available. The ledger {proof} "
        f"({figures['seconds']} s)."
    )


async def _next_steps(engine: Engine, program_id: int, secret: str) -> str:
    """Return commands to copy: a query, a redemption, a subscription."""
    settings = engine.settings
    url = f"http://{settings.host}:{settings.port}/graphql"
    ((holder_id, number),) = await insight.best_members(engine, program_id, 1)
    member_id = encode("member", holder_id)
    rewards = await insight.rewards(engine, program_id)
    reward_id = encode("reward", rewards[0].reward_id)
    query = (
        f'{{ memberByNumber(number: "{number}") '
        "{ id tier { name } balances { currency available held } } "
        "catalog { nodes { id name price ... on DiscountReward { percentOff } } } }"
    )
    mutation = (
        'mutation { redeemReward(input: { idempotencyKey: "my-first-redemption", '
        f'memberId: "{member_id}", rewardId: "{reward_id}" }}) '
        "{ redemption { status pointsSpent "
        "fulfillment { ... on DiscountFulfillment { code validUntil } } } "
        "balances { available } userErrors { code message } } }"
    )
    guerdon = shlex.quote(sys.argv[0])
    page = url.replace("/graphql", "/graphiql")
    tried = f" Try it at {page}." if settings.graphiql else ""
    return f"""
Serving on {url} until you press Ctrl-C.{tried} In another terminal:

export TOKEN={secret}

# A member, and the catalog
{_curl(url, query)}

# Events of that member, as they happen (leave it running)
{guerdon} watch {member_id} --token "$TOKEN" --url {url}

# Redeem a reward; run it twice: the second time nothing more is spent
{_curl(url, mutation)}
"""


def _curl(url: str, document: str) -> str:
    body = shlex.quote(json.dumps({"query": document}))
    return (
        f'curl -s {url} -H "Authorization: Bearer $TOKEN" '
        f"-H 'Content-Type: application/json' -d {body}"
    )
