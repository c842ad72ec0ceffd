"""The log: a line for each operation, and nothing in it that is nobody's business."""

import io
import logging
from dataclasses import replace
from typing import Any

import pytest

from core.errors import ConfigurationError
from core.ids import encode
from core.program import tokens
from core.settings import Settings
from gateway.telemetry import logs

ENROLL = """mutation Join($i: EnrollMemberInput!) {
  enrollMember(input: $i) { member { id displayName } userErrors { code } }
}"""
MARKED = (
    *("secret-number-77", "Secret Name", "secret@example.com", "secret-key-000000000"),
    *("secret-literal", "secret-variable", "gdn_secret_token", "secret-order"),
)


async def test_each_operation_is_one_line(gateway_with: Any, log: Any) -> None:
    gateway = await gateway_with(peer="192.0.2.9")

    answer = await gateway.ask("query Who { program { code } }")
    await gateway.ask("{ program { code } }")
    await gateway.ask("query Wrong { nothing }")

    who, nameless, wrong = log.operations()
    took_ms, _ = who.pop("duration_ms"), who.pop("time")
    assert 0 < took_ms < 10_000
    assert who == {
        "level": "INFO",
        "logger": "guerdon.operations",
        "message": f"query Who: ok in {took_ms} ms",
        "operation": "Who",
        "kind": "query",
        "outcome": "ok",
        "transport": "http",
        "role": "staff",
        "client": "staff",
        "address": "192.0.2.9",
        "request_id": answer.headers["x-request-id"],
    }
    assert nameless["operation"] == "anonymous"
    assert wrong["outcome"] == "refused"
    assert wrong["codes"] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_what_a_mutation_refuses_is_told_by_its_code(
    gateway_with: Any, log: Any
) -> None:
    gateway = await gateway_with()
    document = """mutation Twice { enrollMember(input: {
      idempotencyKey: "%s", number: "00001"}) { userErrors { code } } }"""

    await gateway.ask(document % "first-key-0000001")
    await gateway.ask(document % "other-key-0000001")

    first, second = log.operations()
    assert (first["outcome"], "refusals" in first) == ("ok", False)
    assert (second["outcome"], second["refusals"]) == ("ok", ["IDENTIFIER_TAKEN"])


async def test_nothing_secret_or_personal_is_in_it(
    gateway_with: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await gateway_with("admin")
    number, name, email, key, literal, variable, token, order = MARKED
    member = {"number": number, "displayName": name, "email": email}

    async def send(document: str, **variables: Any) -> dict[str, Any]:
        answer = await gateway.client.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {gateway.token}"},
        )
        found: dict[str, Any] = answer.json()
        return found

    enrolled = await send(ENROLL, i=member | {"idempotencyKey": key})
    member_id = enrolled["data"]["enrollMember"]["member"]["id"]
    activity = {"memberId": member_id, "type": "purchase", "idempotencyKey": key}
    paid = {"order_id": order, "amount_minor": "secret-variable"}
    record = (
        "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) { points } }"
    )
    await send(record, i=activity | {"payload": paid})
    await send(ENROLL, i={"number": {"not": variable}})
    await send('{ memberByNumber(number: "secret-literal") { id } }')
    await send('{ memberByNumber(number: "secret-literal) { id } }')
    await send("query ($n: Int!) { program { code } }", n=variable)

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{number} {name} {email} {variable}")

    monkeypatch.setattr(gateway.engine.ledger.store, "run", fail)
    failed = await send(ENROLL, i=member | {"idempotencyKey": f"{key}-2"})
    gateway.token = token
    await send("{ program { code } }")
    logging.getLogger("guerdon").error("a line to see that lines are seen")

    assert failed["errors"][0]["extensions"]["errorId"] in log.text
    assert "a line to see that lines are seen" in log.text
    for secret in (*MARKED, gateway.token, member_id):
        assert secret not in log.text
    assert literal not in log.text


async def test_members_are_told_by_their_role_alone(
    gateway_with: Any, log: Any, program_id: int
) -> None:
    gateway = await gateway_with()
    joined = await gateway.ask(
        'mutation { enrollMember(input: {idempotencyKey: "join-key-0000001", '
        'number: "00001"}) { member { id } } }'
    )
    member_id = joined.json()["data"]["enrollMember"]["member"]["id"]
    holder_id = int(member_id[4:], 16)
    assert encode("member", holder_id) == member_id
    gateway.token = await tokens.create(
        gateway.engine,
        program_id=program_id,
        role=tokens.Role.MEMBER,
        holder_id=holder_id,
    )

    await gateway.ask("query Me { program { code } }")

    line = log.operations()[-1]
    assert (line["role"], line["client"]) == ("member", "")
    assert member_id[4:] not in log.text


async def test_a_subscription_is_told_at_its_end(
    gateway_with: Any, log: Any, socket_of: Any
) -> None:
    gateway = await gateway_with()
    joined = await gateway.ask(
        'mutation { enrollMember(input: {idempotencyKey: "join-key-0000001", '
        'number: "00001"}) { member { id } } }'
    )
    member_id = joined.json()["data"]["enrollMember"]["member"]["id"]

    async with socket_of(gateway) as wire:
        document = 'subscription Live { balanceChanged(memberId: "%s") { cursor } }'
        await wire.subscribe("1", document % member_id)
        assert (await wire.next())["type"] == "next"
        assert gateway.sample("subscriptions_open", transport="websocket") == 1
        assert gateway.sample("sockets_open") == 1

    line = log.operations()[-1]
    assert (line["operation"], line["transport"]) == ("Live", "websocket")
    assert (line["outcome"], line["events"]) == ("cancelled", 1)
    assert len(line["request_id"]) == 16
    assert gateway.sample("subscriptions_open", transport="websocket") == 0
    assert gateway.sample("sockets_open") == 0


def test_text_for_terminals() -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    try:
        logs.configure(Settings(log_format="text", log_level="WARNING"), stream)
        logging.getLogger("guerdon").info("not told")
        try:
            int("secret")
        except ValueError:
            logging.getLogger("guerdon").exception("it failed")
    finally:
        root.handlers, root.level = before

    first, *others = stream.getvalue().splitlines()
    assert first.endswith("ERROR   it failed")
    assert others[0] == "ValueError"
    assert "secret" not in stream.getvalue()


@pytest.mark.parametrize("wrong", [{"log_level": "LOUD"}, {"log_format": "xml"}])
def test_what_is_no_level_or_format(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="GUERDON_LOG_"):
        logs.configure(replace(Settings(), **wrong), io.StringIO())
