"""The page for operators says what the code does."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from core.engine import Engine
from gateway.app import create_app
from gateway.telemetry.metrics import Metrics

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text()
ROW = re.compile(r"^\| `(guerdon_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_table_of_metrics_is_whole(engine: Engine) -> None:
    metrics: Metrics = create_app(engine).state.metrics
    made = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]

    rows = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(PAGE)
    }
    counted = {full_name(one._name, one._type): set(one._labelnames) for one in made}
    kept = {
        full_name(one.name, one.type): one
        for one in metrics.registry.collect()
        if one.name.startswith("guerdon_")
    }

    assert {name: kind for name, (kind, _) in rows.items()} == {
        name: one.type for name, one in kept.items()
    }
    for name, (_, labels) in rows.items():
        samples = [set(one.labels) for one in kept[name].samples]
        of_state = samples[0] if samples else set()
        assert labels == counted.get(name, of_state or labels), name


def full_name(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def test_settings_that_the_page_names_are_settings() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()

    named = set(re.findall(r"\bGUERDON_[A-Z_]+\b", PAGE))

    assert named <= set(re.findall(r"^\| `(GUERDON_\w+)`", readme, re.MULTILINE))
