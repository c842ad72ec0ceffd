"""Tokens of an OpenID issuer: who comes in, and everything that does not."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.actors import SCOPES, Role
from core.engine import Engine
from core.errors import ConfigurationError, IdentifierTakenError
from core.program import definition, subjects
from gateway.app import create_app
from gateway.identity import keyset
from gateway.identity.credentials import Credentials
from gateway.identity.keyset import KeySet


async def test_a_member_signs_in(door: Any, ada: Any) -> None:
    expected = {
        "role": "member",
        "scopes": ["member:self", "redemptions:write"],
        "member": {"id": ada.id},
    }

    assert await door.viewer(door.idp.sign(door.claims())) == expected
    listed = door.claims(aud=["other", door.claims()["aud"]])
    assert await door.viewer(door.idp.sign(listed)) == expected
    assert door.idp.asked == ["/.well-known/openid-configuration", "/keys"]


async def test_es256_and_a_set_by_its_address(
    doors: Any, ada: Any, shop: Any, ec_key: Any, idp: Any
) -> None:
    door = await doors(oidc_jwks_url=f"{idp.url}/elsewhere")
    await subjects.link(door.engine, by=shop, holder_id=ada.holder_id, subject="ada")

    token = idp.sign(door.claims(), key=ec_key, alg="ES256", kid="ec-1")

    assert (await door.viewer(token))["member"] == {"id": ada.id}
    assert idp.asked == ["/elsewhere"]


async def test_the_only_key_need_not_be_named(door: Any) -> None:
    token = door.idp.sign(door.claims(), kid=None)

    assert await door.viewer(token) is None
    door.idp.keys = door.idp.keys[:1]
    assert await door.viewer(token) is not None


@pytest.mark.parametrize(
    ("settings", "claims", "role", "scopes"),
    [
        ({"oidc_role_claim": "role"}, {"role": "store"}, "store", SCOPES[Role.STORE]),
        (
            {"oidc_role_claim": "realm.roles", "oidc_roles": "boss=admin,till=store"},
            {"realm": {"roles": ["till", "boss", "cook"]}},
            "admin",
            SCOPES[Role.ADMIN],
        ),
        (
            {"oidc_role_claim": "role", "oidc_scope_claim": "scope"},
            {"role": "staff", "scope": "openid totals:read keys:write"},
            "staff",
            {"totals:read"},
        ),
        (
            {"oidc_default_role": "analyst", "oidc_role_claim": "role"},
            {"role": "nobody"},
            "analyst",
            SCOPES[Role.ANALYST],
        ),
    ],
)
async def test_claims_tell_role_and_scopes(
    doors: Any,
    settings: dict[str, str],
    claims: dict[str, Any],
    role: str,
    scopes: set[str],
) -> None:
    door = await doors(**settings)

    viewer = await door.viewer(door.idp.sign(door.claims(sub="Zoë / 7", **claims)))

    assert viewer == {"role": role, "scopes": sorted(scopes), "member": None}


async def test_idempotency_keys_belong_to_the_subject(doors: Any) -> None:
    door = await doors(oidc_role_claim="role")
    document = (
        'mutation { enrollMember(input: {idempotencyKey: "the-very-same-key"}) '
        "{ replayed member { id } } }"
    )

    async def enroll(subject: str, **more: Any) -> Any:
        token = door.idp.sign(door.claims(sub=subject, role="staff", **more))
        return (await door.send(token, document)).json()["data"]["enrollMember"]

    first = await enroll("a")
    again = await enroll("a", jti="another token")
    other = await enroll("b")

    assert again == {**first, "replayed": True}
    assert not other["replayed"]
    assert other["member"] != first["member"]


async def test_no_role_without_a_default(doors: Any) -> None:
    door = await doors(oidc_role_claim="role", oidc_default_role="")

    assert await door.viewer(door.idp.sign(door.claims())) is None
    assert await door.viewer(door.idp.sign(door.claims(role="staff"))) is not None


async def test_which_program(doors: Any, engine: Engine, idp: Any) -> None:
    other = {
        "code": "other",
        "name": "Other",
        "currencies": [{"code": "PTS", "name": "P"}],
    }
    await definition.apply(engine, other)
    query = "{ program { code } }"
    for code, status in (("", 401), ("absent", 401), ("other", 200), ("main", 200)):
        door = await doors(oidc_default_role="staff", oidc_program=code)
        response = await door.send(idp.sign(door.claims()), query)
        assert response.status_code == status
        if status == 200:
            assert response.json()["data"] == {"program": {"code": code}}


async def test_links_are_one_subject_to_one_member(
    door: Any, ada: Any, shop: Any, staff_api: Any
) -> None:
    bob = await staff_api.change("enrollMember", "member { id }")
    bob_id = int(bob["member"]["id"][4:], 16)
    link, unlink = subjects.link, subjects.unlink
    token = door.idp.sign(door.claims())

    await link(door.engine, by=shop, holder_id=ada.holder_id, subject="ada")
    with pytest.raises(IdentifierTakenError):
        await link(door.engine, by=shop, holder_id=bob_id, subject="ada")
    await unlink(door.engine, by=shop, holder_id=bob_id, subject="ada")
    assert (await door.viewer(token))["member"] == {"id": ada.id}

    await unlink(door.engine, by=shop, holder_id=ada.holder_id, subject="ada")
    assert await door.viewer(token) is None
    await link(door.engine, by=shop, holder_id=bob_id, subject="ada")
    assert (await door.viewer(token))["member"] == {"id": bob["member"]["id"]}


async def test_links_are_of_one_issuer(door: Any, shop: Any) -> None:
    settings = replace(door.engine.settings, oidc_issuer="https://other.example")
    other = replace(door.engine, settings=settings)

    found = await subjects.find(other, program_id=shop.program_id, subject="ada")

    assert found is None


def _flip(token: str) -> str:
    """Change a bit in the middle of the signature."""
    head, _, signature = token.rpartition(".")
    at = len(signature) // 2
    other = "A" if signature[at] != "A" else "B"
    return f"{head}.{signature[:at]}{other}{signature[at + 1 :]}"


async def test_attacks_have_one_answer(
    door: Any, encoded: Any, jwk_of: Any, rsa_key: Any, ec_key: Any
) -> None:
    good = door.claims()
    now_s, idp = good["iat"], door.idp
    public = rsa_key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    own = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    own_jwk = jwk_of(own, "rsa-1")

    def shared(secret: bytes, kid: str = "rsa-1") -> str:
        head = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(good)}"
        digest = hmac.new(secret, head.encode(), hashlib.sha256).digest()
        return f"{head}.{encoded(digest)}"

    def shown(response: httpx.Response) -> tuple[int, str, dict[str, str]]:
        headers = dict(response.headers)
        headers.pop("x-request-id", None)
        return response.status_code, response.text, headers

    def raw(claims: bytes, header: object = None) -> str:
        """Sign claims byte by byte as they are."""
        head = encoded(header or {"alg": "RS256", "kid": "rsa-1"})
        text = f"{head}.{encoded(claims)}"
        signature = rsa_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(signature)}"

    text = json.dumps(good)
    attacks = {
        "alg none": f"{encoded({'alg': 'none'})}.{encoded(good)}.",
        "alg none with something": f"{encoded({'alg': 'none'})}.{encoded(good)}.AAAA",
        "alg None": f"{encoded({'alg': 'nOnE', 'kid': 'rsa-1'})}.{encoded(good)}.AA",
        "no alg": f"{encoded({'kid': 'rsa-1'})}.{encoded(good)}.AAAA",
        "HS256 with the PEM": shared(pem),
        "HS256 with the DER": shared(der),
        "HS256 with the JWK": shared(json.dumps(idp.keys[0]).encode()),
        "HS256 with nothing": shared(b""),
        "PS256 is not pinned": idp.sign(good, alg="PS256"),
        "RS512 is not pinned": idp.sign(good, alg="RS512"),
        "an EC key for RS256": idp.sign(good, kid="ec-1"),
        "an RSA key for ES256": idp.sign(good, key=ec_key, alg="ES256", kid="rsa-1"),
        "unknown kid": idp.sign(good, kid="rsa-2"),
        "kid as path": idp.sign(good, kid="../../../../dev/null"),
        "kid as SQL": idp.sign(good, kid="' OR 1=1 --"),
        "long kid": idp.sign(good, kid="a" * 300),
        "kid a number": raw(text.encode(), {"alg": "RS256", "kid": 7}),
        "another's key": idp.sign(good, key=own),
        "its own jwk": idp.sign(good, key=own, jwk=own_jwk),
        "its own jwk, not named": idp.sign(good, key=own, kid=None, jwk=own_jwk),
        "jku": idp.sign(good, key=own, jku=f"{idp.url}/mine"),
        "x5u": idp.sign(good, key=own, x5u=f"{idp.url}/mine"),
        "crit": idp.sign(good, crit=["exp"]),
        "b64": raw(text.encode(), {"alg": "RS256", "kid": "rsa-1", "b64": False}),
        "a bit flipped": _flip(idp.sign(good)),
        "no signature": idp.sign(good).rpartition(".")[0] + ".",
        "another payload": ".".join(
            encoded(good | {"sub": "bob"}) if place == 1 else one
            for place, one in enumerate(idp.sign(good).split("."))
        ),
        "expired": idp.sign(door.claims(iat=now_s - 400, exp=now_s - 30)),
        "not yet valid": idp.sign(door.claims(nbf=now_s + 31)),
        "made in the future": idp.sign(door.claims(iat=now_s + 31)),
        "no exp": idp.sign(door.claims(exp=None)),
        "no iat": idp.sign(door.claims(iat=None)),
        "no sub": idp.sign(door.claims(sub=None)),
        "no aud": idp.sign(door.claims(aud=None)),
        "no iss": idp.sign(door.claims(iss=None)),
        "exp a text": raw(json.dumps(good | {"exp": str(now_s + 300)}).encode()),
        "exp a truth": raw(json.dumps(good | {"exp": True}).encode()),
        "exp beyond all": raw(text.replace(str(good["exp"]), "1e400").encode()),
        "exp NaN": raw(text.replace(str(good["exp"]), "NaN").encode()),
        "sub a list": raw(json.dumps(good | {"sub": ["ada"]}).encode()),
        "sub with NUL": raw(json.dumps(good | {"sub": "a\0"}).encode()),
        "wrong iss": idp.sign(door.claims(iss="https://evil.example")),
        "iss with a slash": idp.sign(door.claims(iss=f"{idp.url}/")),
        "iss a list": raw(json.dumps(good | {"iss": [idp.url]}).encode()),
        "wrong aud": idp.sign(door.claims(aud="https://other.example")),
        "aud without us": idp.sign(door.claims(aud=["a", "b"])),
        "aud empty": raw(json.dumps(good | {"aud": []}).encode()),
        "nobody's sub": idp.sign(door.claims(sub="mallory")),
        "duplicate claims": raw(f'{{"sub":"ada",{text[1:]}'.encode()),
        "duplicate header": raw(text.encode(), b'{"alg":"RS256","alg":"none"}'),
        "claims no object": raw(b"[1]"),
        "claims no JSON": raw(b"{"),
        "claims deep": raw(b"[" * 3_000),
        "enormous": idp.sign(door.claims(more="x" * 9_000)),
        "four parts": idp.sign(good) + ".AAAA",
        "five parts": "a.b.c.d.e",
        "dots": "...",
        "padding": idp.sign(good) + "==",
        "not base64": "é.é.é",
    }
    answers: dict[str, tuple[int, str, dict[str, str]]] = {}
    for name, token in attacks.items():
        headers = {"Authorization": f"Bearer {token}".encode()}
        found = await door.client.post(
            "/graphql", json={"query": "{ viewer { role } }"}, headers=headers
        )
        answers[name] = shown(found)

    assert await door.viewer(idp.sign(good)) is not None
    unlike = await door.send("gdn_wrong")
    assert unlike.status_code == 401
    assert {name for name, one in answers.items() if one != shown(unlike)} == set()
    assert "/mine" not in idp.asked


async def test_clocks_may_differ_a_little(door: Any, clock: Any) -> None:
    now_s = door.claims()["iat"]
    idp = door.idp
    token = idp.sign(door.claims(iat=now_s + 30, nbf=now_s + 30, exp=now_s + 40))

    for us, is_good in ((0, True), (69_999_999, True), (1, False)):
        clock.us += us
        assert (await door.viewer(token) is not None) is is_good


async def test_a_new_key_is_fetched_and_an_old_one_is_no_more(
    door: Any, jwk_of: Any, rsa_key: Any
) -> None:
    idp = door.idp
    old, fresh = idp.sign(door.claims()), idp.sign(door.claims(), kid="rsa-2")
    assert await door.viewer(old)

    idp.keys = [jwk_of(rsa_key, "rsa-2")]

    assert await door.viewer(fresh)
    assert await door.viewer(old) is None


async def test_the_issuer_is_down(door: Any) -> None:
    idp = door.idp
    token = idp.sign(door.claims())
    assert await door.viewer(token)

    idp.is_down = True

    for _ in range(3):
        assert await door.viewer(token)
        assert await door.viewer(idp.sign(door.claims(), kid="new")) is None
    idp.is_down, idp.answer = False, {"keys": []}
    assert await door.viewer(idp.sign(door.claims(), kid="new")) is None
    assert await door.viewer(token)
    for wrong in (b"{", [], {"keys": "x"}, b"[" * 10_000, b"x" * 300_000):
        idp.answer = wrong
        assert await door.viewer(idp.sign(door.claims(), kid="new")) is None
    assert await door.viewer(token)


async def test_down_from_the_start(door: Any) -> None:
    door.idp.is_down = True
    token = door.idp.sign(door.claims())

    assert await door.viewer(token) is None
    door.idp.is_down = False
    assert await door.viewer(token) is not None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("oidc_algorithms", "RS256,none"),
        ("oidc_algorithms", "HS256"),
        ("oidc_algorithms", ""),
        ("oidc_audience", ""),
        ("oidc_issuer", "http://issuer.example"),
        ("oidc_jwks_url", "http://issuer.example/keys"),
        ("oidc_jwks_url", "file:///etc/passwd"),
        ("oidc_default_role", "king"),
        ("oidc_roles", "boss=king"),
    ],
)
async def test_settings_that_would_let_anybody_in(
    engine: Engine, setting: str, value: str
) -> None:
    good = {"oidc_issuer": "https://issuer.example", "oidc_audience": "us"}
    settings = replace(engine.settings, **(good | {setting: value}))

    with pytest.raises(ConfigurationError, match=r"GUERDON_OIDC"):
        create_app(replace(engine, settings=settings))


async def test_keys_are_fetched_no_more_often_than_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    now_s = 100.0
    gate = asyncio.Event()

    async def fetching(url: str) -> Any:
        asked.append(url)
        await gate.wait()
        return {"keys": [{"kty": "RSA", "kid": "a"}, {"kty": "oct", "kid": "s"}]}

    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s)
    keys = KeySet("https://issuer.example", "https://issuer.example/keys", fetching)

    waiting = [asyncio.create_task(keys.find("a")) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    found = await asyncio.gather(*waiting)

    assert found == [{"kty": "RSA", "kid": "a"}] * 20
    assert len(asked) == 1
    for kid in ("b", "c", "s"):
        assert await keys.find(kid) is None
    assert len(asked) == 1
    now_s += keyset.RETRY_S
    assert await keys.find("b") is None
    assert await keys.find("c") is None
    assert len(asked) == 2
    assert await keys.find("a")
    now_s += keyset.FRESH_S
    assert await keys.find("a")
    assert len(asked) == 3


@pytest.mark.parametrize(
    "form", ["", "Basic {}", "Bearer", "{}", "Bearer\t{}", "Bearer x {}"]
)
async def test_other_forms_of_the_header(door: Any, form: str) -> None:
    credentials = Credentials(door.engine)
    token = door.idp.sign(door.claims())

    assert await credentials.authenticate(form.format(token)) is None
    assert await credentials.authenticate(None) is None
    assert await credentials.authenticate(f"bEARER  {token} ") is not None


async def test_the_body_is_not_read_for_who_is_not_known(door: Any) -> None:
    sent = 0

    async def body() -> Any:
        nonlocal sent
        for _ in range(10):
            sent += 1
            yield b" " * 1_000

    headers = {
        "Authorization": "Bearer a.b.c",
        "Content-Type": "application/json",
    }
    response: httpx.Response = await door.client.post(
        "/graphql", content=body(), headers=headers
    )

    assert response.status_code == 401
    assert sent == 0
