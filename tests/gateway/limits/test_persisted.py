"""Persisted documents: by id, by hash, and clients that may run nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigurationError
from core.extension.registry import Registry
from core.settings import Settings
from gateway.manifest import (
    load_manifest,
    load_manifests,
    read_manifest,
    sha256_of,
)
from gateway.starting import gateway_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROLE = "query Role { viewer { role } }"
NAMED = "query One { program { code } } query Two { viewer { role } }"
STAFF = {"viewer": {"role": "staff"}}


def by_hash(text: str, **more: Any) -> dict[str, Any]:
    asked = {"version": 1, "sha256Hash": sha256_of(text)}
    return {"extensions": {"persistedQuery": asked}} | more


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({"role": ROLE, "two": NAMED}))
    return str(path)


async def test_documents_run_by_id_and_by_hash(limited: Any, manifest: str) -> None:
    api = await limited(documents=manifest)
    for payload in (
        {"documentId": "role"},
        {"documentId": "two", "operationName": "Two"},
        {"documentId": sha256_of(ROLE)},
        by_hash(ROLE),
        by_hash(ROLE, query=ROLE),
        {"query": ROLE},
        {"query": "{ viewer { role } }"},
    ):
        for answer in (await api.over_http(payload), await api.over_socket(payload)):
            assert answer.get("data") == STAFF, (payload, answer)


async def test_documents_run_by_get(limited: Any, manifest: str) -> None:
    api = await limited(documents=manifest, trusted_only="*")
    extensions = json.dumps(by_hash(ROLE)["extensions"])
    headers = {"Authorization": f"Bearer {api.token}"}
    for given, code in (
        ({"documentId": "role"}, None),
        ({"extensions": extensions}, None),
        ({"documentId": "nope"}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"query": "{ program { code } }"}, "PERSISTED_QUERY_REQUIRED"),
    ):
        response = await api.client.get("/graphql", params=given, headers=headers)
        answer = response.json()
        if code is None:
            assert answer["data"] == STAFF
        else:
            assert answer["errors"][0]["extensions"]["code"] == code


async def test_what_is_not_known_is_not_found_and_not_remembered(
    limited: Any, manifest: str
) -> None:
    api = await limited(documents=manifest)
    other = "{ viewer { role scopes } }"
    for payload in ({"documentId": "nope"}, by_hash(other)):
        for answer in (await api.over_http(payload), await api.over_socket(payload)):
            assert answer["errors"][0] == {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }

    assert "data" in await api.over_http(by_hash(other, query=other))
    again = await api.over_http(by_hash(other))
    assert again["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_requests_that_make_no_sense(limited: Any, manifest: str) -> None:
    api = await limited(documents=manifest)
    for payload in (
        {"documentId": "role", "query": ROLE},
        by_hash(ROLE, query="{ viewer { scopes } }"),
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "x"}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": "x"}},
        {"extensions": {"persistedQuery": None}},
    ):
        for answer in (await api.over_http(payload), await api.over_socket(payload)):
            code = answer["errors"][0]["extensions"]["code"]
            assert code == "BAD_USER_INPUT", payload
            assert "data" not in answer


async def test_some_clients_may_run_nothing_else(limited: Any, manifest: str) -> None:
    for trusted, client, role, is_held in (
        ("app,web", "app", "staff", True),
        (" web , app ", "app", "staff", True),
        ("app", "desk", "staff", False),
        ("role:staff", "desk", "staff", True),
        ("role:member", "desk", "staff", False),
        ("*", "desk", "admin", True),
        ("", "app", "staff", False),
    ):
        api = await limited(
            client=client, role=role, documents=manifest, trusted_only=trusted
        )
        for query in ("{ viewer { role scopes } }", "{ __schema { description } }"):
            for payload in ({"query": query}, by_hash(query, query=query)):
                for answer in (
                    await api.over_http(payload),
                    await api.over_socket(payload),
                ):
                    assert ("errors" in answer) is is_held
                    if is_held:
                        (error,) = answer["errors"]
                        code = error["extensions"]["code"]
                        assert code == "PERSISTED_QUERY_REQUIRED"
        assert "data" in await api.over_http({"documentId": "role"})
        assert "data" in await api.over_http({"query": ROLE})


async def test_persisted_documents_are_never_forgotten(
    limited: Any, manifest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import execution  # noqa: PLC0415

    api = await limited(documents=manifest, cached_documents=1)
    seen: list[str] = []
    real = execution.parse
    monkeypatch.setattr(
        execution, "parse", lambda text, **k: seen.append(text) or real(text, **k)
    )
    other = "{ program { code } }"
    for payload in ({"query": other}, {"query": "{ viewer { scopes } }"}) * 2:
        await api.over_http(payload)
        assert "data" in await api.over_http({"documentId": "role"})

    assert ROLE not in seen
    assert seen.count(other) == 2  # room for one


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": "{ nope }"}', "a: Cannot query field 'nope' on type 'Query'."),
        ('{"a": "{"}', "a: Syntax Error: Expected Name, found <EOF>."),
        ('{"a": 1}', "a: its document is not a text"),
        ("[]", "a manifest is an object"),
        ("{", "is not JSON"),
        ('{"format": "x", "version": 1, "operations": []}', "only apollo-persisted"),
    ],
)
def test_a_bad_manifest_stops_the_start(
    registry: Registry,
    tmp_path: Path,
    text: str,
    reason: str,
    database_url: str,
) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text)
    settings = Settings(database_url=database_url, documents=str(path))

    with pytest.raises(ConfigurationError) as caught:
        gateway_of(registry, settings)

    assert reason in caught.value.reason


@pytest.mark.usefixtures("database_url")
def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_manifest(str(tmp_path / "nope.json"))
    assert load_manifest("") == {}


@pytest.mark.usefixtures("database_url")
def test_several_files_make_one_manifest(tmp_path: Path) -> None:
    web, till, other = (tmp_path / name for name in ("web", "till", "other"))
    web.write_text('{"a": "{ viewer { role } }"}')
    till.write_text('{"b": "{ program { code } }", "a": "{ viewer { role } }"}')
    other.write_text('{"a": "{ program { name } }"}')

    assert load_manifests(f"{web}, {till}") == {
        "a": "{ viewer { role } }",
        "b": "{ program { code } }",
    }
    with pytest.raises(ConfigurationError, match="a: stands for another document"):
        load_manifests(f"{web},{other}")


@pytest.mark.usefixtures("database_url")
def test_both_forms_are_read() -> None:
    apollo = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": "x", "name": "Role", "type": "query", "body": ROLE}],
    }

    assert read_manifest(apollo) == {"x": ROLE}
    assert read_manifest({"x": ROLE}) == {"x": ROLE}
    apollo["operations"] = [{"id": "x", "body": ROLE}, {"id": "x", "body": NAMED}]
    with pytest.raises(ValueError, match="stands for two documents"):
        read_manifest(apollo)
