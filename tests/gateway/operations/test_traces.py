"""Traces: from the request through field and batch, with nothing of members in them."""

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from core.ids import encode
from gateway.telemetry.open_telemetry import OpenTelemetry

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ENROLL = """mutation Join { enrollMember(input: {
  idempotencyKey: "join-key-0000001", number: "secret-7"}) { member { id } } }"""


class Spans:
    """What was kept."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = OpenTelemetry(provider)

    def by_name(self) -> dict[str, ReadableSpan]:
        return {one.name: one for one in self.exporter.get_finished_spans()}


@pytest.fixture
def spans() -> Spans:
    return Spans()


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def id_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


async def test_a_mutation_from_the_request_to_the_batch(
    gateway_with: Any, spans: Spans
) -> None:
    gateway = await gateway_with(tracing=spans.tracing)

    traceparent = f"00-{TRACE}-{PARENT}-01"
    await gateway.ask(ENROLL, traceparent=traceparent)

    found = spans.by_name()
    operation = found["mutation Join"]
    field = found["Mutation.enrollMember"]
    assert parent_of(operation) == int(PARENT, 16)
    assert parent_of(field) == id_of(operation)
    assert parent_of(found["ledger batch"]) == id_of(field)
    for span in found.values():
        assert span.context is not None
        assert span.context.trace_id == int(TRACE, 16)
        assert "secret" not in str(span.to_json())
    assert found["ledger batch"].attributes == {"items": 1, "outcome": "committed"}
    assert operation.attributes == {"outcome": "ok", "transport": "http"}


async def test_a_redemption_to_the_call_of_the_plugin(
    gateway_with: Any, spans: Spans
) -> None:
    gateway = await gateway_with(tracing=spans.tracing)
    joined = (await gateway.ask(ENROLL)).json()["data"]["enrollMember"]
    member_id = joined["member"]["id"]
    sql = "SELECT reward_id FROM reward WHERE code = 'ten_percent_off'"
    ((reward_id,),) = await gateway.engine.database.read(sql)
    await gateway.ask(
        f"""mutation Give {{ adjustBalance(input: {{ idempotencyKey:
        "give-key-0000001", memberId: "{member_id}", currency: "PTS", amount: 100,
        reason: "secret" }}) {{ userErrors {{ code }} }} }}"""
    )

    await gateway.ask(
        f"""mutation Buy {{ redeemReward(input: {{ idempotencyKey:
        "buy-key-00000001", memberId: "{member_id}",
        rewardId: "{encode("reward", reward_id)}" }}) {{ userErrors {{ code }} }} }}"""
    )

    found = spans.by_name()
    call = found["plugin fulfill"]
    assert parent_of(call) == id_of(found["Mutation.redeemReward"])
    assert parent_of(found["Mutation.redeemReward"]) == id_of(found["mutation Buy"])
    assert call.attributes == {"plugin": "discount", "outcome": "answered"}


async def test_an_error_is_told_without_its_text(
    gateway_with: Any, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await gateway_with(tracing=spans.tracing)

    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret-text")

    monkeypatch.setattr(gateway.engine.ledger._pipeline, "_persist", fail)
    await gateway.ask(ENROLL)

    found = spans.by_name()
    assert found["mutation Join"].status.status_code is StatusCode.ERROR
    assert found["ledger batch"].attributes == {"items": 1, "outcome": "failed"}
    for span in found.values():
        assert "secret" not in str(span.to_json())
        assert not span.events


async def test_operations_that_many_send_have_few_names(
    gateway_with: Any, spans: Spans
) -> None:
    gateway = await gateway_with(tracing=spans.tracing)

    await gateway.ask(f"query {'N' * 65} {{ program {{ code }} }}")
    await gateway.ask("query { nothing }", traceparent="00-zz-wrong-01")

    names = [one.name for one in spans.exporter.get_finished_spans()]
    assert names == ["Query.program", "query other", "unknown anonymous"]


async def test_a_batch_for_many_is_linked_to_each(
    gateway_with: Any, spans: Spans
) -> None:
    gateway = await gateway_with(tracing=spans.tracing)
    tracing = gateway.engine.observation.by

    marks = []
    for _ in range(3):
        with spans.tracing.operation().active():
            marks.append(tracing.mark())
    with tracing.batch("ledger", [*marks, marks[0], None]) as block:
        block.outcome = "committed"

    (span,) = spans.exporter.get_finished_spans()
    assert parent_of(span) == marks[0].span_id
    assert [one.context.span_id for one in span.links] == [
        one.span_id for one in marks[1:]
    ]
    assert span.attributes == {"items": 5, "outcome": "committed"}


async def test_nothing_is_kept_unless_asked_for(
    gateway_with: Any, spans: Spans
) -> None:
    gateway = await gateway_with()

    await gateway.ask(ENROLL, traceparent=f"00-{TRACE}-{PARENT}-01")

    assert gateway.engine.observation.by.mark() is None
    assert spans.exporter.get_finished_spans() == ()
