"""Persisted documents, from the manifests that the builds of clients write."""

import json
from typing import Any

import httpx
import npm


def test_apollo_sends_hashes_and_a_kiosk_may_send_nothing_else(shop: Any) -> None:
    found = npm.drive("kiosk", shop.visit())

    assert found["names"] == ["A yacht"]
    assert ["query" in members for members in found["sent"]] == [False, True]
    assert found["codes"] == ["PERSISTED_QUERY_REQUIRED"]


def test_relay_leaves_its_documents_in_the_manifest() -> None:
    manifest = json.loads((npm.PAGE / "manifest-relay.json").read_text())
    made = npm.PAGE / "__generated__" / "RewardListQuery.graphql.ts"

    (document_id,) = [
        name for name, text in manifest.items() if "query RewardListQuery" in text
    ]
    assert f'"id": "{document_id}"' in made.read_text()
    assert '"text": null' in made.read_text()


def test_documents_of_the_client_preset_run_by_their_ids(shop: Any) -> None:
    visit = shop.visit()
    manifest = json.loads((npm.PAGE / "preset/persisted-documents.json").read_text())
    (document_id,) = [
        name for name, text in manifest.items() if "query Catalog" in text
    ]

    answer = httpx.post(
        visit["url"],
        json={"documentId": document_id, "variables": {"first": 1}},
        headers={"Authorization": f"Bearer {visit['kiosk']}"},
    ).json()

    (edge,) = answer["data"]["catalog"]["edges"]
    assert edge["node"]["name"] == "A yacht"
