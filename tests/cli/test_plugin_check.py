"""`guerdon plugin check` on plugins with faults, most of them made by accident."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from core.extension.money import Money
from core.extension.registry import Registry
from gateway.checking.__main__ import check
from gateway.checking.findings import Level
from gateway.checking.lint import check_words, models_of
from gateway.checking.promises import check_promises
from gateway.checking.samples import sample_of
from gateway.scaffold import scaffold
from tests.cli.test_plugin import guerdon


@pytest.fixture
def lounge(tmp_path: Path) -> Path:
    """The module of a plugin without faults."""
    scaffold("acme-lounge", "reward", tmp_path)
    return tmp_path / "acme-lounge" / "acme_lounge.py"


Faults = Callable[..., list[str]]


@pytest.fixture
def faults(lounge: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Check the plugin in this process, and return its faults."""

    def of(**settings: str) -> list[str]:
        monkeypatch.setattr(sys, "path", [*sys.path])
        found, _ = check(lounge.parent, shows_schema=False, environment=settings)
        sys.modules.pop("acme_lounge", None)
        return [f"{one.topic}: {one.text}" for one in found if one.level is Level.FAULT]

    return of


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def run(path: Path, *options: str, **settings: str) -> tuple[bool, list[str]]:
    """Check as a user does; return whether it is well, and the faults."""
    command = ("plugin", "check", str(path), "--json", *options)
    done = guerdon(*command, folder=path.parent, **settings)
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert answer["ok"] is (done.returncode == 0)
    faults = [one for one in answer["findings"] if one["level"] == "FAULT"]
    return answer["ok"], [f"{one['topic']}: {one['text']}" for one in faults]


def test_lines_say_what_is_well_and_what_to_do(lounge: Path) -> None:
    change(lounge.with_name("pyproject.toml"), 'requires-python = ">=3.11"\n', "")

    done = guerdon("plugin", "check", ".", folder=lounge.parent)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "ok    packaging: entry point acme_lounge names acme_lounge",
        'FAULT packaging: requires-python is missing; add requires-python = ">=3.11"',
        "ok    imports: only what a plugin may import",
        "ok    contract: acme_lounge brings reward type acme_lounge",
        (
            "WARN  contract: acme_lounge never takes a reward back: it does not "
            "override revoke"
        ),
        (
            "ok    storage: acme_lounge: config, options, fulfillment can be stored "
            "and read again"
        ),
        "ok    schema: every field says what it is",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('">=3.11"', '">=3.9"', "allows for more than Guerdon's '>=3.11'; raise it"),
        ('">=3.11"', '"<4"', "allows for more than Guerdon's '>=3.11'; raise it"),
        ('"acme-lounge"', '"acme lounge"', "'acme lounge' is no name for a package"),
        ('"acme-lounge"', '"Guerdon"', "'Guerdon' is no name for a package"),
        ("acme_lounge =", "Acme-Lounge =", "'Acme-Lounge' is not snake_case"),
        (
            "entry-points.guerdon",
            'entry-points."guerdon.plugins"',
            "the group is guerdon, not guerdon.plugins",
        ),
    ],
)
def test_packaging(
    lounge: Path, faults: Faults, old: str, new: str, fault: str
) -> None:
    change(lounge.with_name("pyproject.toml"), old, new)

    found = faults()

    assert len(found) == 1, found
    assert found[0].startswith("packaging: ")
    assert fault in found[0]


@pytest.mark.parametrize(
    "place", ["core/__init__.py", "src/plugins/x.py", "guerdon.py"]
)
def test_packages_that_would_overwrite_ours(lounge: Path, place: str) -> None:
    file = lounge.parent / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("raise SystemExit('must not be imported instead of ours')\n")

    _, found = run(lounge.parent)

    name = place.removeprefix("src/").partition("/")[0].removesuffix(".py")
    assert found == [
        (
            f"packaging: the folder has a package '{name}', which would overwrite "
            "ours; rename it"
        )
    ]


def test_pythons_that_are_named_exactly(lounge: Path, faults: Faults) -> None:
    change(lounge.with_name("pyproject.toml"), '">=3.11"', '"~=3.12"')

    assert faults() == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("    import core.engine", "acme_lounge.py:77 imports core.engine; a plugin"),
        ("    import acme_rest", "acme_rest/core.py:1 imports gateway; a plugin"),
        ("    from guerdon import testing", "imports guerdon.testing; the kit belongs"),
        ("    import guerdon.testing.samples", "imports guerdon.testing.samples; the"),
        ('    __import__("strawberry")', "imports strawberry; a plugin imports"),
        ('    importlib.import_module("core")', "imports core; a plugin imports"),
    ],
)
def test_imports_are_found_wherever_they_are(
    lounge: Path, faults: Faults, line: str, fault: str
) -> None:
    rest = lounge.parent / "acme_rest"
    rest.mkdir()
    (rest / "__init__.py").write_text("from . import core\n")
    (rest / "core.py").write_text("import gateway\n")
    lounge.write_text(f"{lounge.read_text()}\n\n\ndef later() -> None:\n{line}\n")
    change(lounge, "from datetime import", "import importlib\nfrom datetime import")

    found = faults()

    assert len(found) == 1, found
    assert fault in found[0]


def test_dependencies_of_tests_are_not_those_of_the_plugin(
    lounge: Path, faults: Faults
) -> None:
    tests = lounge.with_name("test_acme_lounge.py")
    tests.write_text(f"import hypothesis\n{tests.read_text()}")

    assert faults() == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "        return Fulfilled(self.fulfill(request))\n",
            "        ...\n",
            "contract: acme_lounge: probe is empty; write it",
        ),
        (
            "        return Fulfilled(self.fulfill(request))\n",
            "        raise NotImplementedError\n",
            "contract: acme_lounge: probe is empty; write it",
        ),
        (
            "    def probe(",
            "    def probed(",
            "Can't instantiate abstract class AcmeLounge with abstract method probe",
        ),
        (
            '    code = "acme_lounge"\n',
            '    code = "acme_lounge"\n    version = 2\n',
            (
                "contract: acme_lounge: version is 2, but there is no upgrade of what "
                "earlier ones stored; override it"
            ),
        ),
        (
            'code = "acme_lounge"',
            'code = "gift_card"',
            "is taken by plugin 'gift_card'",
        ),
        (
            "    def fulfill(",
            (
                "    def capacity(self, config: Config) -> float:\n"
                "        return 1.5\n\n"
                "    def fulfill("
            ),
            (
                "storage: acme_lounge: the config Config(valid_days=90) cannot be "
                "used: plugin 'acme_lounge': capacity returned 1.5"
            ),
        ),
        (
            "    def fulfill(",
            (
                "    def quantity(self, options: Options) -> int:\n"
                "        return len(options.message)\n\n"
                "    def fulfill("
            ),
            (
                "the options Options(message=None) cannot be used: plugin "
                "'acme_lounge': quantity raised TypeError"
            ),
        ),
    ],
)
def test_contract(lounge: Path, faults: Faults, old: str, new: str, fault: str) -> None:
    change(lounge, old, new)

    found = faults()

    assert len(found) == 1, found
    assert fault in found[0]


def test_what_storage_would_change(lounge: Path, faults: Faults) -> None:
    change(
        lounge,
        "from pydantic import BaseModel",
        "from pydantic import BaseModel, field_validator",
    )
    change(
        lounge,
        "class Options(BaseModel):",
        """class Options(BaseModel):
    number: int = Field(description="How often.")

    @field_validator("number")
    @classmethod
    def more(cls, value: int) -> int:
        return value + 1

    def __hash__(self) -> int:
        return 0
""",
    )

    found = faults()

    assert found == [
        (
            "storage: acme_lounge: the options Options(number=2, message=None) cannot "
            "be used: stored and read again, it is Options(number=3, message=None)"
        )
    ]


def test_settings_are_those_of_the_environment(lounge: Path, faults: Faults) -> None:
    change(
        lounge,
        "from pydantic import BaseModel",
        "from pydantic import SecretStr, BaseModel",
    )
    lounge.write_text(
        lounge.read_text()
        + '''

class Settings(BaseModel):
    """What it needs."""

    key: SecretStr = Field(description="The key.")


@hookimpl
def register_settings() -> type[Settings]:
    return Settings
'''
    )
    variable = "GUERDON_PLUGIN_ACME_LOUNGE_KEY"

    without = faults()
    with_it = faults(**{variable: "a-secret"})

    assert without == [
        f"contract: plugin 'acme_lounge': the variable {variable} is not set: The key."
    ]
    assert with_it == []


def test_clash_of_published_names(lounge: Path, faults: Faults) -> None:
    change(lounge, 'code = "acme_lounge"', 'code = "gift"')
    text = lounge.read_text().replace("Voucher", "CardReward")
    lounge.write_text(
        text.replace(
            "class CardReward(BaseModel):",
            '''class CardFulfillment(BaseModel):
    """A card."""

    number: str = Field(description="Its number.")


class CardReward(BaseModel):''',
        ).replace(
            "    code: Annotated",
            '    card: CardFulfillment = Field( description="A.")\n    code: Annotated',
        )
    )

    found = faults()

    assert len(found) == 1, found
    assert "as GiftCardFulfillment, the name of CardFulfillment of gift" in found[0]
    assert "of plugin 'acme_lounge'; rename a code or a model" in found[0]


def test_name_of_another_plugin_is_a_clash(lounge: Path, faults: Faults) -> None:
    project = lounge.with_name("pyproject.toml")
    change(project, "acme_lounge =", "gift_card =")

    assert faults() == [
        (
            "contract: plugin 'gift_card': two installed packages have a plugin of "
            "this name; uninstall one"
        )
    ]


def test_names_of_types_are_those_of_classes(lounge: Path, faults: Faults) -> None:
    lounge.write_text(lounge.read_text().replace("Voucher", "voucher"))

    assert faults() == [
        "schema: voucher is no name for a type; write it like LoungePass"
    ]


def test_built_in_plugins_keep_to_it_too() -> None:
    registry = Registry.installed()
    findings = [
        finding
        for one in (*registry.reward_types, *registry.earning_actions)
        for finding in (*check_words(one), *check_promises(one))
    ]

    assert len(findings) > 10
    assert [one for one in findings if one.level is not Level.OK] == []


def test_skipped_plugins_are_not_in_the_way(lounge: Path) -> None:
    change(lounge, 'code = "acme_lounge"', 'code = "gift_card"')

    done = guerdon(
        "--skip-plugin", "gift_card", "plugin", "check", ".", folder=lounge.parent
    )

    assert done.returncode == 0, done.stdout
    assert "acme_lounge brings reward type gift_card" in done.stdout


def test_variables_that_stop_a_start_stop_the_check(lounge: Path) -> None:
    _, found = run(lounge.parent, GUERDON_PLUGIN_NOWHERE_KEY="x")

    assert len(found) == 1
    assert found[0].startswith(
        "contract: Guerdon does not start here even without this plugin: "
        "GUERDON_PLUGIN_NOWHERE_KEY is not a setting of a plugin"
    )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import os; os._exit(7)", "ended with status 7: it said nothing"),
        ("import os; os.abort()", "ended with status -6"),
        (
            "import os; os.write(2, b'no more'); os._exit(3)",
            "ended with status 3: no more",
        ),
    ],
)
def test_plugin_that_ends_the_process(lounge: Path, line: str, fault: str) -> None:
    lounge.write_text(f"{lounge.read_text()}\n{line}\n")

    _, found = run(lounge.parent)

    assert len(found) == 1
    assert found[0].startswith("loading: the process that loaded it ")
    assert fault in found[0]


def test_plugin_that_hangs_is_ended_with_all_that_it_started(
    lounge: Path, tmp_path: Path
) -> None:
    lounge.write_text(
        f"{lounge.read_text()}\n"
        "import subprocess, time\n"
        f"child = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(1000)\n"
    )
    began = time.monotonic()

    _, found = run(lounge.parent, "--seconds", "8")

    assert found == [
        (
            "loading: it was not loaded within 8 seconds; a plugin does no work while "
            "it is imported"
        )
    ]
    assert time.monotonic() - began < 30
    child = (tmp_path / "child").read_text()
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", child], capture_output=True, text=True, check=False
    )
    assert state.stdout.strip() in {"", "Z"}


def test_plugin_that_leaves_a_thread_and_prints(lounge: Path) -> None:
    lounge.write_text(
        f"{lounge.read_text()}\n"
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,)).start()\n"
        "print('{\"findings\": []}')\n"
        "os.write(1, b'noise')\n"
    )
    began = time.monotonic()

    assert run(lounge.parent) == (True, [])
    assert time.monotonic() - began < 30


def test_nothing_is_left_in_the_folder(lounge: Path) -> None:
    before = sorted(path.name for path in lounge.parent.iterdir())

    run(lounge.parent)

    assert sorted(path.name for path in lounge.parent.iterdir()) == before


def test_module_in_a_package_is_known_by_its_whole_name(lounge: Path) -> None:
    package = lounge.parent / "acme"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "terms.py").write_text("DAYS = 30\n")
    text = lounge.read_text().replace("default=90", "default=DAYS")
    module = package / "lounge.py"
    module.write_text(f"from .terms import DAYS\n{text}")

    assert run(module) == (True, [])


def test_types_are_shown_as_what_is_new(lounge: Path) -> None:
    done = guerdon("plugin", "check", ".", "--schema", "--json", folder=lounge.parent)

    sdl = json.loads(done.stdout)["schema"]
    assert sdl.endswith(
        "extend input RedemptionOptionsInput {\n"
        '  """For rewards of type acme_lounge."""\n'
        '  acmeLounge: AcmeLoungeOptionsInput @provider(name: "acme_lounge")\n'
        "}"
    )
    assert "free_shipping" not in sdl


def test_samples_can_be_made_of_every_built_in_model() -> None:
    registry = Registry.installed()
    brought = (*registry.reward_types, *registry.earning_actions)
    models = [model for one in brought for model in models_of(one)]

    missing = [one.__name__ for one in models if sample_of(one) is None]

    assert len(models) > 30
    # The fields of these two depend on each other, or on settings.
    assert missing == ["NewsletterPayload", "SocialSharePayload"]


class Hours(BaseModel):
    """Hours."""

    opens_at: datetime = Field(description="From.")
    day: date = Field(ge=date(2050, 1, 1), description="Day.")


class Everything(BaseModel):
    """A bit of all."""

    hours: Hours = Field(description="Hours.")
    codes: list[Annotated[str, Field(pattern="^[A-Z]{3}$")]] = Field(
        min_length=2, description="Codes."
    )
    long: str = Field(min_length=300, description="Long.")
    even: int = Field(multiple_of=2, gt=100, le=104, description="Even.")
    share: Decimal = Field(gt=Decimal("7.5"), lt=9, description="Share.")
    secret: str = Field(pattern="^x[0-9]{7}$", examples=["x1234567"], description="X.")
    price: Money | None = Field(description="Price.")


def test_samples_keep_to_limits() -> None:
    sample = sample_of(Everything)

    assert isinstance(sample, Everything)
    assert sample.hours.day == date(2050, 1, 1)
    assert sample.codes == ["AAA", "AAA"]
    assert sample.long == "a" * 300
    assert sample.even == 104
    assert sample.share == Decimal("8.5")
    assert sample.secret == "x1234567"
    assert sample.price is not None


class Impossible(BaseModel):
    """No sample fits."""

    code: str = Field(pattern="^[0-9]{31}$", description="Code.")


def test_no_sample_is_better_than_a_wrong_one() -> None:
    assert sample_of(Impossible) is None
