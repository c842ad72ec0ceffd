"""Ids, cursors, tokens and keys that are forged, another's, or used at once."""

import asyncio
import base64
import json
import secrets

from attack import attack, short
from target import Target

MEMBER = "query ($id: ID!) { member(id: $id) { id email displayName } }"
ADJUST = (
    "mutation ($i: AdjustBalanceInput!) { adjustBalance(input: $i) "
    "{ replayed balances { available } userErrors { code } } }"
)


def _token(name: str, token: str) -> None:
    @attack(f"token: {name}", "401 UNAUTHENTICATED", "431 HEAD_TOO_LARGE")
    async def send(target: Target) -> str:
        return short(await target.ask("{ viewer { role } }", token=token))


def _part(values: object) -> str:
    text = json.dumps(values).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


_CLAIMS = {"sub": "admin", "iss": "guerdon", "exp": 4_000_000_000, "role": "admin"}
_token("another's form", "abc")
_token("of the right form", "gdn_" + secrets.token_urlsafe(32))
_token("of 60 kB", "gdn_" + "a" * 60_000)
_token("signed by nobody", f"{_part({'alg': 'none'})}.{_part(_CLAIMS)}.")
_token("signed with nothing", f"{_part({'alg': 'HS256'})}.{_part(_CLAIMS)}.AAAA")
_token(
    "with a key of its own",
    f"{_part({'alg': 'HS256', 'jwk': {'kty': 'oct', 'k': 'AA'}})}.{_part(_CLAIMS)}.AA",
)


@attack("another member, by id", "null")
async def other_member(target: Target) -> str:
    answer = await target.ask(MEMBER, {"id": target.other_id}, token=target.member)
    absent = await target.ask(
        MEMBER, {"id": "mbr_0000000000000001"}, token=target.member
    )
    assert answer.json()["data"] == absent.json()["data"] == {"member": None}
    return "null"


@attack("another member, by node", "null")
async def other_node(target: Target) -> str:
    document = "query ($id: ID!) { node(id: $id) { id } }"
    answer = await target.ask(document, {"id": target.other_id}, token=target.member)
    return "null" if answer.json()["data"] == {"node": None} else answer.text


@attack("another member, by subscription", "error MEMBER_NOT_FOUND")
async def other_stream(target: Target) -> str:
    async with target.socket(ready=False) as one:
        init = {"authorization": f"Bearer {target.member}"}
        await one.send(json.dumps({"type": "connection_init", "payload": init}))
        await one.recv()
        query = f'subscription {{ balanceChanged(memberId: "{target.other_id}") \
{{ cursor }} }}'
        message = {"type": "subscribe", "id": "a", "payload": {"query": query}}
        await one.send(json.dumps(message))
        answer = json.loads(await one.recv())
    payload = answer["payload"]
    errors = payload if answer["type"] == "error" else payload["errors"]
    return f"error {errors[0]['extensions']['code']}"


@attack("another member's points", "200 MEMBER_NOT_FOUND")
async def other_points(target: Target) -> str:
    document = (
        "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) "
        "{ replayed userErrors { code } } }"
    )
    given = {
        "idempotencyKey": "attack-redeem-000001",
        "memberId": target.other_id,
        "rewardId": target.reward_id,
    }
    return short(await target.ask(document, {"i": given}, token=target.member))


@attack("a member adjusts its own balance", "200 FORBIDDEN")
async def own_balance(target: Target) -> str:
    given = _adjustment(target, "attack-adjust-000002", 1_000)
    return short(await target.ask(ADJUST, {"i": given}, token=target.member))


@attack("200 forged ids", "all told")
async def forged_ids(target: Target) -> str:
    forged = [
        "",
        "x",
        "mbr_",
        "mbr_g",
        "mbr_" + "f" * 16,
        "mbr_" + "0" * 400,
        "mbr_-1",
        "mbr_٣",
        "rwd_1' OR 1=1 --",
        "Node:1",
        "mbr_\u0000",
        "🦄" * 50,
    ]
    forged += [f"mbr_{secrets.token_hex(8)}" for _ in range(188)]
    for one in forged:
        answer = await target.ask(MEMBER, {"id": one})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", body
        else:
            assert body["data"] == {"member": None}
    return "all told"


@attack("100 forged cursors", "all told")
async def forged_cursors(target: Target) -> str:
    document = "query ($c: String) { members(first: 1, after: $c) { nodes { id } } }"
    forged = [
        "",
        "x",
        "members.-1",
        "members.g",
        "members." + "f" * 40,
        "rewards.1",
        "YXJyYXljb25uZWN0aW9uOi0x",
        "members.1' --",
        "members.\u0000",
    ]
    forged += [secrets.token_urlsafe(12) for _ in range(91)]
    for one in forged:
        answer = await target.ask(document, {"c": one})
        body = answer.json()
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", body
    return "all told"


@attack("100 forged stream cursors", "all told")
async def forged_stream_cursors(target: Target) -> str:
    async with target.socket() as one:
        for number in range(40):
            query = f'subscription {{ balanceChanged(memberId: "{target.own_id}", \
after: "{secrets.token_urlsafe(12)}") {{ cursor }} }}'
            message = {
                "type": "subscribe",
                "id": f"{number}",
                "payload": {"query": query},
            }
            await one.send(json.dumps(message))
            answer = json.loads(await one.recv())
            payload = answer["payload"]
            errors = payload if answer["type"] == "error" else payload["errors"]
            code = errors[0]["extensions"]["code"]
            assert code in {"BAD_USER_INPUT", "CURSOR_INVALID"}, answer
            if answer["type"] == "next":
                await one.recv()
    return "all told"


def _adjustment(target: Target, key: str, amount: int) -> dict[str, object]:
    return {
        "idempotencyKey": key,
        "memberId": target.own_id,
        "currency": "PTS",
        "amount": amount,
        "reason": "attack",
    }


@attack("50 times the same key at once", "given once")
async def same_key(target: Target) -> str:
    key = f"attack-{secrets.token_hex(8)}"
    given = _adjustment(target, key, 1)
    answers = await asyncio.gather(
        *(target.ask(ADJUST, {"i": given}) for _ in range(50))
    )
    payloads = [one.json()["data"]["adjustBalance"] for one in answers]
    assert [one["replayed"] for one in payloads].count(False) == 1
    return "given once"


@attack("the same key for something else", "200 IDEMPOTENCY_KEY_REUSED")
async def altered_key(target: Target) -> str:
    key = f"attack-{secrets.token_hex(8)}"
    await target.ask(ADJUST, {"i": _adjustment(target, key, 1)})
    return short(await target.ask(ADJUST, {"i": _adjustment(target, key, 2)}))


@attack("50 spend the same points at once", "never below 0")
async def race(target: Target) -> str:
    answer = await target.ask(
        ADJUST, {"i": _adjustment(target, f"attack-{secrets.token_hex(8)}", 1)}
    )
    (balance,) = answer.json()["data"]["adjustBalance"]["balances"]
    answers = await asyncio.gather(
        *(
            target.ask(
                ADJUST,
                {
                    "i": _adjustment(
                        target, f"attack-{secrets.token_hex(8)}", -balance["available"]
                    )
                },
            )
            for _ in range(50)
        )
    )
    told = [short(one) for one in answers]
    assert told.count("200 data") == 1
    assert told.count("200 INSUFFICIENT_POINTS") == 49
    return "never below 0"


def _number(name: str, amount: object, *expected: str) -> None:
    @attack(f"an amount that is {name}", *expected)
    async def send(target: Target) -> str:
        given = _adjustment(target, "attack-adjust-000003", 1) | {"amount": amount}
        return short(await target.ask(ADJUST, {"i": given}))


_number("2^53", 2**53, "400 BAD_USER_INPUT")
_number("a fraction", 1.5, "400 BAD_USER_INPUT")
_number("a text", "1", "400 BAD_USER_INPUT")
_number("0", 0, "200 BAD_USER_INPUT", "400 BAD_USER_INPUT")


@attack("odd text in every place", "all told")
async def odd_text(target: Target) -> str:
    document = (
        "mutation ($i: EnrollMemberInput!) { enrollMember(input: $i) "
        "{ replayed userErrors { code } } }"
    )
    for text in (
        "\u0000",
        "\ud7ff",
        "\u202e" * 300,
        "' OR 1=1 --",
        "a" * 5_000,
        "<script>",
        "🏴" * 200,
        "\x1b[2J",
        " ",
    ):
        for place in ("number", "displayName", "email"):
            key = f"attack-{secrets.token_hex(8)}"
            answer = await target.ask(
                document, {"i": {"idempotencyKey": key, place: text}}
            )
            assert answer.status_code in {200, 400}, answer.text
            for error in answer.json().get("errors", ()):
                assert error["extensions"]["code"] == "BAD_USER_INPUT", answer.text
    return "all told"
