"""A partner's afternoon: what the guide shows is installed, tested and loaded."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import from_us
from core.extension.answers import Fulfilled
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import AnyRequest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "partners.md").read_text(encoding="utf-8")
FILE = r"^`([\w.]+)`\n\n```(?:python|toml)\n(.*?)^```$"
FILES: dict[str, str] = dict(re.findall(FILE, GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages: what pip leaves of the guide's files."""
    for name, body in FILES.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    metadata = tmp_path / f"acme_lounge-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\n"
        f"Version: {project['version']}\n"
    )
    points = project["entry-points"]["guerdon"].items()
    lines = "\n".join(f"{name} = {value}" for name, value in points)
    (metadata / "entry_points.txt").write_text(f"[guerdon]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for module in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[module]


def test_every_python_block_of_the_guide_is_a_file() -> None:
    assert sorted(FILES) == [
        "acme_lounge.py",
        "acme_spa.py",
        "acme_visit.py",
        "pyproject.toml",
        "test_acme_lounge.py",
        "test_acme_spa.py",
        "test_acme_visit.py",
    ]
    assert GUIDE.count("```python") == 6


def test_partner_imports_only_what_is_promised() -> None:
    for name, body in FILES.items():
        imported = set(re.findall(r"^(?:from|import) (\w+)", body, re.MULTILINE))
        own = {"acme_lounge", "acme_spa", "acme_visit"}
        standard = set(sys.stdlib_module_names)
        assert imported - own - standard <= {"guerdon", "pydantic"}, name


def test_guides_tests_pass(site: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(site)],
        cwd=site,
        env=os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("29 passed")


@pytest.mark.usefixtures("site")
async def test_installed_plugin_is_loaded_and_asked() -> None:
    registry = Registry.installed()

    (plugin,) = [one for one in registry.plugins if one.name == "acme_lounge"]
    assert plugin.module == "acme_lounge"
    assert (plugin.distribution, plugin.version) == ("acme-lounge", "1.0")
    assert plugin.brings == ("reward type lounge",)

    lounge = registry.reward_type("lounge")
    assert lounge is not None
    request = AnyRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=accept_config(lounge, {"airport": "VIE"}),
        options=accept_options(lounge, {"guests": 2}),
        quantity=1,
        requested_at=from_us(1_780_000_000_000_000),
    )
    host = Host(registry)
    answer = await host.fulfill(lounge, request)
    host.close()
    assert isinstance(answer, Fulfilled)
    assert answer.fulfillment.code == "GA0D-YZJQ-TVYP-MQ06"


@pytest.mark.usefixtures("site")
def test_skipped_plugin_is_not_even_imported() -> None:
    registry = Registry.installed(skip=["acme_lounge"])

    assert registry.reward_type("lounge") is None
    assert "acme_lounge" not in sys.modules
