"""What every request passes: ids, addresses, headers, other origins."""

from typing import Any

import pytest

from core.errors import ConfigurationError
from gateway.transports.proxies import Proxies

PROGRAM = "{ program { code } }"
SHOP = "https://shop.example"


async def test_every_answer_has_an_id_of_its_own(gateway_with: Any) -> None:
    gateway = await gateway_with()

    answers = [await gateway.ask(PROGRAM), await gateway.client.get("/nowhere")]
    answers.append(await gateway.client.get("/healthz"))

    ids = {one.headers["x-request-id"] for one in answers}
    assert len(ids) == 3
    assert all(len(one) == 16 for one in ids)


@pytest.mark.parametrize(
    ("peer", "given", "is_kept"),
    [
        ("10.1.2.3", "edge-0001-abcdef", True),
        ("10.1.2.3", "short", False),
        ("10.1.2.3", "x" * 65, False),
        ("10.1.2.3", 'quote"-and space', False),
        ("192.0.2.1", "edge-0001-abcdef", False),
    ],
)
async def test_an_id_is_taken_from_a_trusted_proxy_if_it_is_well_formed(
    gateway_with: Any, peer: str, given: str, is_kept: object
) -> None:
    gateway = await gateway_with(peer=peer, trusted_proxies="10.0.0.0/8")

    answer = await gateway.ask(PROGRAM, **{"X-Request-ID": given})

    assert (answer.headers["x-request-id"] == given) is is_kept


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the last is theirs
        ("10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
    ],
)
async def test_an_address_is_taken_from_a_trusted_proxy(
    gateway_with: Any, log: Any, peer: str, forwarded: str, seen: str
) -> None:
    gateway = await gateway_with(peer=peer, trusted_proxies="10.0.0.0/8")

    headers = {"X-Forwarded-For": forwarded, "Forwarded": "for=203.0.113.1"}
    await gateway.ask(PROGRAM, **headers)

    assert [one["address"] for one in log.operations()] == [seen]


async def test_limits_of_addresses_go_by_the_true_one(gateway_with: Any) -> None:
    limits = {"attempt_burst": 1, "trusted_proxies": "10.0.0.0/8"}
    gateway = await gateway_with(peer="10.1.2.3", **limits)
    gateway.token = "gdn_wrong"

    async def status(address: str) -> str:
        answer = await gateway.ask(PROGRAM, **{"X-Forwarded-For": address})
        code: str = answer.json()["errors"][0]["extensions"]["code"]
        return code

    assert await status("198.51.100.7") == "UNAUTHENTICATED"
    assert await status("198.51.100.7") == "RATE_LIMITED"
    assert await status("198.51.100.8") == "UNAUTHENTICATED"


def test_proxies_are_addresses_and_networks() -> None:
    named = Proxies("192.0.2.1, 10.0.0.0/8,2001:db8::/32")

    assert named.trust("192.0.2.1")
    assert named.trust("10.255.0.1")
    assert named.trust("2001:db8::1")
    assert not named.trust("192.0.2.2")
    assert not named.trust("")
    assert Proxies("*").trust("")
    assert not Proxies("").trust("127.0.0.1")
    for wrong in ("proxy.example", "10.0.0.0/99", "10.0.0.1/8", "*, 10.0.0.1"):
        with pytest.raises(ConfigurationError, match="GUERDON_TRUSTED_PROXIES"):
            Proxies(wrong)


async def test_every_answer_is_closed_to_what_it_is_not_for(gateway_with: Any) -> None:
    gateway = await gateway_with(hsts_seconds=3_600, trusted_proxies="127.0.0.1")

    answers = [
        await gateway.ask(PROGRAM),
        await gateway.ask("{"),
        await gateway.client.get("/nowhere"),
        await gateway.client.get("/readyz"),
        await gateway.client.post("/callbacks/rdm_1", content=b"{}"),
    ]
    secured = await gateway.ask(PROGRAM, **{"X-Forwarded-Proto": "https"})

    for one in [*answers, secured]:
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["x-frame-options"] == "DENY"
        policy = one.headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        assert "access-control-allow-origin" not in one.headers
    assert all("strict-transport-security" not in one.headers for one in answers)
    assert secured.headers["strict-transport-security"] == "max-age=3600"


async def test_what_nobody_foresaw_is_answered_with_an_error_id(
    gateway_with: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await gateway_with()

    async def fail(*_: Any) -> None:
        raise RuntimeError("secret-text")

    monkeypatch.setattr(gateway.app.state.service, "authenticate", fail)
    answer = await gateway.ask(PROGRAM)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret-text" not in answer.text + log.text
    (line,) = [one for one in log.lines if error["extensions"]["errorId"] in str(one)]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError" in line["exc_info"]


async def preflight(gateway: Any, origin: str, headers: str = "authorization") -> Any:
    return await gateway.client.options(
        "/graphql",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": headers,
        },
    )


async def test_pages_of_allowed_origins_may_ask(gateway_with: Any) -> None:
    gateway = await gateway_with(allowed_origins=f"{SHOP}, https://other.example:8443")

    asked = await preflight(gateway, SHOP, "authorization, content-type, traceparent")
    answer = await gateway.ask(PROGRAM, Origin=SHOP)

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == SHOP
    assert asked.headers["access-control-allow-methods"] == "GET, POST"
    assert asked.headers["access-control-max-age"] == "7200"
    assert answer.json()["data"] == {"program": {"code": "main"}}
    assert answer.headers["access-control-allow-origin"] == SHOP
    exposed = answer.headers["access-control-expose-headers"]
    assert exposed == "Retry-After, X-Request-ID"
    assert "Origin" in answer.headers["vary"]
    for one in (asked, answer):
        assert "access-control-allow-credentials" not in one.headers


async def test_pages_of_other_origins_may_not(gateway_with: Any) -> None:
    gateway = await gateway_with(allowed_origins=SHOP)

    for origin in (f"{SHOP}.evil.example", "http://shop.example", "null", "*"):
        asked = await preflight(gateway, origin)
        answer = await gateway.ask(PROGRAM, Origin=origin)
        assert asked.status_code == 400
        for one in (asked, answer):
            assert "access-control-allow-origin" not in one.headers
    assert (await preflight(gateway, SHOP, "x-other")).status_code == 400


@pytest.mark.parametrize(
    "wrong", ["*", "shop.example", "https://shop.example/", "https://Shop.example"]
)
async def test_origins_are_written_out(gateway_with: Any, wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="GUERDON_ALLOWED_ORIGINS"):
        await gateway_with(allowed_origins=wrong)
