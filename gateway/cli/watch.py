"""`guerdon watch`."""

import asyncio
import json
from typing import Any

import click
import websockets
from websockets.asyncio.client import connect

_SUBSCRIPTION = """
subscription ($memberId: ID!, $after: String) {
  balanceChanged(memberId: $memberId, after: $after) {
    cursor
    balances { currency available pending held }
    transaction { id kind postedAt reference }
  }
}
"""


@click.command()
@click.argument("member_id")
@click.option("--token", envvar="TOKEN", required=True, help="Bearer token; or $TOKEN.")
@click.option(
    "--url",
    default="http://127.0.0.1:8000/graphql",
    show_default=True,
    help="Where the gateway is.",
)
@click.option("--after", help="Cursor of the last event seen: go on from there.")
def watch(member_id: str, token: str, url: str, after: str | None) -> None:
    """Print the balance events of a member, one JSON object a line, until Ctrl-C."""
    variables = {"memberId": member_id, "after": after}
    try:
        asyncio.run(_watch(url.replace("http", "ws", 1), token, variables))
    except KeyboardInterrupt:
        return
    except (OSError, websockets.InvalidHandshake, websockets.InvalidURI) as error:
        raise click.ClickException(f"no gateway answers at {url}: {error}") from error
    except websockets.ConnectionClosed as error:
        reason = error.rcvd.reason if error.rcvd else "the connection broke"
        raise click.ClickException(
            f"the gateway closed the stream: {reason}"
        ) from error


async def _watch(url: str, token: str, variables: dict[str, Any]) -> None:
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with connect(url, subprotocols=[protocol]) as socket:
        init = {"authorization": f"Bearer {token}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": init}))
        await socket.recv()
        payload = {"query": _SUBSCRIPTION, "variables": variables}
        subscribe = {"id": "1", "type": "subscribe", "payload": payload}
        await socket.send(json.dumps(subscribe))
        async for text in socket:
            _show(json.loads(text))


def _show(message: dict[str, Any]) -> None:
    match message:
        case {"type": "next", "payload": {"data": {"balanceChanged": event}}}:
            click.echo(json.dumps(event))
        case {"type": "error", "payload": errors}:
            raise click.ClickException("; ".join(one["message"] for one in errors))
        case _:
            pass
