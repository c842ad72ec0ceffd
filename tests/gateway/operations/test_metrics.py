"""Metrics: exact counts, and labels of which no client can make many."""

import asyncio
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.bounded import OTHER, Bounded
from gateway.telemetry.state import StateCollector
from gateway.transports.exposition import metrics_app

ENROLL = """mutation Join { enrollMember(input: {
  idempotencyKey: "join-key-000000%s", number: "0000%s"}) {
  member { id } userErrors { code } } }"""


async def test_operations_and_errors_are_counted(gateway_with: Any) -> None:
    gateway = await gateway_with(attempt_burst=1)

    for _ in range(3):
        await gateway.ask("query Who { program { code } }")
    await gateway.ask("query Wrong { nothing }")
    await gateway.ask(ENROLL % (1, 1))
    await gateway.ask(ENROLL % (2, 1))
    gateway.token = "gdn_wrong"
    await gateway.ask("{ program { code } }")
    await gateway.ask("{ program { code } }")

    def operations(kind: str, name: str, outcome: str) -> float | None:
        return gateway.sample("operations_total", kind=kind, name=name, outcome=outcome)

    assert operations("query", "Who", "ok") == 3
    assert operations("unknown", "anonymous", "refused") == 1
    assert operations("mutation", "Join", "ok") == 2
    seconds = {"kind": "query", "name": "Who"}
    assert gateway.sample("operation_seconds_count", **seconds) == 3
    assert gateway.sample("errors_total", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert gateway.sample("refusals_total", code="IDENTIFIER_TAKEN") == 1
    assert gateway.sample("authentication_failures_total") == 1
    assert gateway.sample("rate_limited_total") == 1
    assert gateway.sample("responses_total", path="/graphql", status="401") == 1


async def test_what_a_transport_cannot_carry_is_counted(gateway_with: Any) -> None:
    gateway = await gateway_with()

    document = 'subscription Live { balanceChanged(memberId: "x") { cursor } }'
    await gateway.ask(document)
    await gateway.client.get(
        "/graphql",
        params={"query": ENROLL % (1, 1)},
        headers={"Authorization": f"Bearer {gateway.token}"},
    )

    for kind, name in (("subscription", "Live"), ("mutation", "Join")):
        labels = {"kind": kind, "name": name, "outcome": "refused"}
        assert gateway.sample("operations_total", **labels) == 1
    assert gateway.sample("errors_total", code="OPERATION_NOT_SUPPORTED") == 1
    assert gateway.sample("errors_total", code="METHOD_NOT_ALLOWED") == 1


async def test_batches_and_queues_are_measured(gateway_with: Any) -> None:
    gateway = await gateway_with()

    await asyncio.gather(*(gateway.ask(ENROLL % (n, n)) for n in range(8)))

    ok = {"queue": "ledger", "outcome": "committed"}
    batches = gateway.sample("batches_total", **ok)
    assert batches is not None
    assert 1 <= batches <= 8
    assert gateway.sample("batch_items_count", queue="ledger") == batches
    assert gateway.sample("batch_items_sum", queue="ledger") == 8
    assert gateway.sample("batch_seconds_count", queue="ledger") == batches
    assert gateway.sample("batches_running", queue="ledger") == 0
    assert gateway.sample("queue_items", queue="ledger") == 0


async def test_names_of_clients_cannot_fill_the_memory(gateway_with: Any) -> None:
    gateway = await gateway_with()

    for number in range(230):
        await gateway.ask(f"query N{number} {{ program {{ code }} }}")

    families = gateway.app.state.metrics.operations.collect()
    names = {one.labels["name"] for family in families for one in family.samples}
    assert len(names) == 201
    assert OTHER in names


@given(st.lists(st.text(max_size=80)), st.integers(0, 5), st.sets(st.text(max_size=8)))
def test_labels_are_bounded(values: list[str], most: int, known: set[str]) -> None:
    bounded = Bounded(most, known)

    shown = {bounded(one) for one in values}

    assert len(shown - known - {OTHER}) <= most
    assert all(bounded(one) == one for one in known)
    assert all(bounded(one) in {one, OTHER} for one in values)


async def test_paths_that_are_not_there_are_one(gateway_with: Any) -> None:
    gateway = await gateway_with()

    for number in range(5):
        await gateway.client.get(f"/nowhere/{number}")

    assert gateway.sample("responses_total", path="other", status="404") == 5


async def test_the_state_of_redemptions_is_read_beside_requests(
    gateway_with: Any,
) -> None:
    gateway = await gateway_with()
    state = StateCollector(gateway.engine)

    await state.refresh()
    found = {
        (family.name, *one.labels.values()): one.value
        for family in state.collect()
        for one in family.samples
    }

    assert found["guerdon_redemptions_open", "held"] == 0
    assert found["guerdon_redemptions_in_review",] == 0
    assert found["guerdon_plugin_state", "discount", "closed"] == 1


async def test_they_are_told_on_a_port_of_their_own(gateway_with: Any) -> None:
    gateway = await gateway_with()
    await gateway.ask("query Who { program { code } }")

    beside = httpx.ASGITransport(app=metrics_app(gateway.app.state.metrics))
    async with httpx.AsyncClient(transport=beside, base_url="http://test") as client:
        told = await client.get("/metrics")
        lives = await client.get("/healthz")
    public = await gateway.client.get("/metrics")

    line = 'guerdon_operations_total{kind="query",name="Who",outcome="ok"} 1.0'
    assert line in told.text.splitlines()
    assert "process_cpu_seconds_total" in told.text
    assert told.headers["content-type"].startswith("text/plain")
    assert lives.status_code == 200
    assert public.status_code == 404
