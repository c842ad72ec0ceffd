"""Commands for those who write plugins, and those who part with them."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from core.errors import ConfigurationError
from core.extension.names import pascal
from gateway.checking.__main__ import check
from gateway.scaffold import scaffold

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


def guerdon(*arguments: str, folder: Path, **settings: str) -> Any:
    """Run the command in a folder."""
    return subprocess.run(
        [str(BIN / "guerdon"), *arguments],
        cwd=folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def write(folder: Path) -> Path:
    """Write a plugin, and return its folder."""
    scaffold("acme-lounge", "reward", folder)
    return folder / "acme-lounge"


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Check what lies in a folder, in this process, and return the texts by level."""

    def of(folder: Path) -> dict[str, list[str]]:
        monkeypatch.setattr(sys, "path", [*sys.path])
        found: dict[str, list[str]] = {"ok": [], "WARN": [], "FAULT": []}
        for one in check(folder, shows_schema=False, environment={})[0]:
            found[one.level.value].append(f"{one.topic}: {one.text}")
        sys.modules.pop("acme_lounge", None)
        return found

    return of


LONGEST = "a-very-long-name-of-a-plugin-x"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A plugin that was just written."""
    made = guerdon("plugin", "new", "acme-lounge", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "acme-lounge"


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        ("zoo", "reward", 24),
        (LONGEST, "reward", 24),
        ("zoo", "earning", 10),
        (LONGEST, "earning", 10),
    ],
)
def test_a_new_plugin_passes_its_tests_and_all_checks(
    tmp_path: Path, name: str, kind: str, count: int
) -> None:
    made = guerdon("plugin", "new", name, "--kind", kind, folder=tmp_path)
    folder = tmp_path / name

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    tests = run("pytest", "-q", "-p", "no:cacheprovider")
    ignored = "D203,D213,COM812,CPY001"  # two of a pair, the formatter, no copyrights
    lint = ["ruff", "check", "--isolated", "--no-cache", "--select", "ALL"]
    style = run(*lint, "--ignore", ignored, ".")
    form = run("ruff", "format", "--isolated", "--no-cache", "--check", ".")
    types = run("mypy", "--strict", "--cache-dir", str(tmp_path / "mypy"), ".")
    found = guerdon("plugin", "check", ".", folder=folder)

    assert made.returncode == 0, made.stderr
    assert tests.stdout.splitlines()[-1].startswith(f"{count} passed"), tests.stdout
    assert style.returncode == 0, style.stdout
    assert form.returncode == 0, form.stdout
    assert types.stdout == "Success: no issues found in 2 source files\n"
    assert found.returncode == 0, found.stdout
    assert [
        line
        for line in found.stdout.splitlines()
        if not line.startswith("ok") and "revoke" not in line
    ] == []


def test_a_new_plugin_names_what_it_needs(written: Path) -> None:
    document = tomllib.loads((written / "pyproject.toml").read_text())
    major, minor, *_ = version("guerdon").split(".")

    assert document["build-system"]["requires"] == ["hatchling"]
    project = document["project"]
    assert project["name"] == "acme-lounge"
    assert project["requires-python"] == ">=3.11"
    assert project["dependencies"] == [f"guerdon>={major}.{minor}", "pydantic>=2.12"]
    assert project["entry-points"]["guerdon"] == {"acme_lounge": "acme_lounge"}
    assert sorted(path.name for path in written.iterdir()) == [
        "README.md",
        "acme_lounge.py",
        "pyproject.toml",
        "test_acme_lounge.py",
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Acme", "no name for a plugin"),
        ("acme_lounge", "no name for a plugin"),
        ("acme--lounge", "no name for a plugin"),
        ("9lives", "no name for a plugin"),
        (f"{LONGEST}y", "no name for a plugin"),
        ("../acme", "no name for a plugin"),
        ("core", "cannot be used: Python or Guerdon has a module 'core'"),
        ("gateway", "cannot be used: Python or Guerdon has a module"),
        ("plugins", "cannot be used: Python or Guerdon has a module"),
        ("guerdon", "cannot be used: Python or Guerdon has a module"),
        ("class", "cannot be used: Python or Guerdon has a module"),
        ("json", "cannot be used: Python or Guerdon has a module"),
        ("pytest", "cannot be used: Python or Guerdon has a module"),
        ("retired", "cannot be used: the code 'retired' is taken"),
        ("free-shipping", "cannot be used: the code 'free_shipping' is taken"),
    ],
)
def test_a_name_that_will_not_do(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        scaffold(name, "reward", tmp_path, taken={"free_shipping"})

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_installed(tmp_path: Path) -> None:
    made = guerdon("plugin", "new", "gift-card", folder=tmp_path)

    assert made.returncode == 1
    assert "the code 'gift_card' is taken; put the name of your" in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(written: Path) -> None:
    before = (written / "acme_lounge.py").read_text()

    again = guerdon("plugin", "new", "acme-lounge", folder=written.parent)

    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert (written / "acme_lounge.py").read_text() == before


def test_the_types_that_it_adds(tmp_path: Path) -> None:
    write(tmp_path)

    done = guerdon("plugin", "check", "acme-lounge", "--schema", folder=tmp_path)

    sdl = done.stdout.partition("\n\n")[2]
    names = {one.name.value for one in parse(sdl).definitions}  # type: ignore[attr-defined]
    prefix = pascal("acme_lounge")
    assert names == {
        f"{prefix}Reward",
        f"{prefix}Fulfillment",
        f"{prefix}OptionsInput",
        "RedemptionOptionsInput",
    }


FAULTS = {
    "import gateway": ("imports", "imports gateway; a plugin imports guerdon"),
    "from core.engine import Engine": (
        "imports",
        "imports core.engine; a plugin imports",
    ),
    "import strawberry": ("imports", "imports strawberry; a plugin imports"),
    "import httpx": ("imports", "imports httpx, which no dependency brings"),
    "import nowhere_to_be_found": ("contract", "cannot be imported"),
    "raise SystemExit(3)": ("contract", "cannot be imported"),
    "def (": ("contract", "SyntaxError"),
}


@pytest.mark.parametrize("line", FAULTS)
def test_what_its_module_may_not_do(findings: Any, tmp_path: Path, line: str) -> None:
    module = write(tmp_path) / "acme_lounge.py"
    module.write_text(f"{module.read_text()}\n{line}\n")

    found = findings(module.parent)

    topic, text = FAULTS[line]
    assert [one for one in found["FAULT"] if one.startswith(topic) and text in one]


def test_a_declared_dependency_may_be_imported(findings: Any, tmp_path: Path) -> None:
    folder = write(tmp_path)
    module, project = folder / "acme_lounge.py", folder / "pyproject.toml"
    module.write_text(f"{module.read_text()}\nimport httpx\n")
    project.write_text(
        project.read_text().replace('"pydantic>=2.12"]', '"httpx>=0.1"]')
    )

    assert findings(folder)["FAULT"] == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('code = "acme_lounge"', 'code = "discount"', "taken by plugin 'discount'"),
        (', description="Days that it can be used."', "", "has no description"),
        ("valid_days: int", "valid_days: float", "is a float"),
        ('code = "acme_lounge"', "", "there is no code"),
    ],
)
def test_what_its_types_may_not_be(
    findings: Any, tmp_path: Path, old: str, new: str, text: str
) -> None:
    module = write(tmp_path) / "acme_lounge.py"
    source = module.read_text()
    assert old in source
    module.write_text(source.replace(old, new))

    (fault,) = findings(module.parent)["FAULT"]

    assert text in fault


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('acme_lounge = "acme_lounge"', "", "no plugin is declared"),
        ('acme_lounge = "acme_lounge"', 'acme = "core.acme"', "would overwrite ours"),
        ('acme_lounge = "acme_lounge"', 'acme = "acme"', "there is no module 'acme'"),
        ('"guerdon>=0.1", ', "", 'lack "guerdon"'),
        ("[project]", "[project", "cannot be read"),
    ],
)
def test_what_its_package_may_not_be(
    findings: Any, tmp_path: Path, old: str, new: str, text: str
) -> None:
    project = write(tmp_path) / "pyproject.toml"
    project.write_text(project.read_text().replace(old, new, 1))

    found = findings(project.parent)

    assert any(text in one for one in found["FAULT"]), found


def test_what_is_worth_a_word(findings: Any, tmp_path: Path) -> None:
    folder = write(tmp_path)
    module = folder / "acme_lounge.py"
    (folder / "test_acme_lounge.py").unlink()
    text = 'description="Days that it can be used."'
    source = module.read_text().replace(text, 'description="valid days"')
    module.write_text(source.replace('    """What the member gets."""\n', ""))

    assert [one.split(";")[0] for one in findings(folder)["WARN"]] == [
        "tests: no test uses guerdon.testing",
        "contract: acme_lounge never takes a reward back: it does not override revoke",
        "schema: Config.valid_days: the description does not end with a period",
        "schema: Config.valid_days: the description only repeats the name",
        "schema: Voucher has no docstring",
    ]


def test_a_module_by_itself(tmp_path: Path) -> None:
    write(tmp_path)
    done = guerdon("plugin", "check", "acme-lounge/acme_lounge.py", folder=tmp_path)

    assert done.returncode == 0, done.stdout
    assert "acme_lounge brings reward type acme_lounge" in done.stdout
