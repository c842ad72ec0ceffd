"""A partner's afternoon: what the guide shows is installed, tested, and redeemed."""

import ast
import asyncio
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from graphql import build_schema as parse_schema
from graphql import parse, print_ast, validate

from core.actors import Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import definition, tokens
from core.settings import Settings
from gateway.app import create_app
from gateway.schema import build_schema
from tests.gateway.conftest import Api

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "partners.md").read_text(encoding="utf-8")
STEPS = re.split(r"^## \d+\. .*$", GUIDE, flags=re.MULTILINE)
BLOCK = r"(?:^`([\w.]+)`(, changed:)?\n\n)?^```(\w+)\n(.*?)^```$"
LAST = 9
SECRET = "a-secret-of-the-desk-of-acme"
SECRET_VARIABLE = "GUERDON_PLUGIN_ACME_LOUNGE_CALLBACK_SECRET"


class Block(NamedTuple):
    """One block of the guide."""

    name: str
    is_change: bool
    language: str
    text: str


def blocks(step: int, language: str = "") -> list[Block]:
    found = re.findall(BLOCK, STEPS[step], re.MULTILINE | re.DOTALL)
    every = [Block(name, bool(change), *rest) for name, change, *rest in found]
    return [one for one in every if language in {"", one.language}]


def plain(step: int, language: str) -> list[str]:
    """Return the blocks that are no files."""
    return [one.text for one in blocks(step, language) if not one.name]


def files_after(step: int) -> dict[str, str]:
    """Return the files as they are after a step of the guide."""
    files: dict[str, str] = {}
    for one in (block for n in range(1, step + 1) for block in blocks(n)):
        if one.is_change:
            files[one.name] = changed(files[one.name], one.text)
        elif one.name:
            files[one.name] = one.text
    point = re.search(r'`(acme_visit) = "(\w+)"`', "".join(STEPS[: step + 1]))
    if point is not None:
        line = f'{point[1]} = "{point[2]}"\n'
        head = "[project.entry-points.guerdon]\n"
        files["pyproject.toml"] = files["pyproject.toml"].replace(head, head + line)
    return files


def changed(old: str, new: str) -> str:
    """Put a block into a file, as the guide says that it is meant."""
    parts = _parts(ast.parse(old).body, old)
    for at, (name, text) in enumerate(given := _parts(ast.parse(new).body, new)):
        known = [one for one, _ in parts]
        if "# as before" in text:
            place = known.index(name)
            parts[place] = (name, _class_changed(parts[place][1], text))
        elif name in known:
            parts[known.index(name)] = (name, text)
        elif name.startswith(("import ", "from ")):
            parts.insert(known[0].startswith("'"), (name, text))
        else:
            later = [known.index(one) for one, _ in given[at:] if one in known]
            parts.insert(later[0] if later else len(parts), (name, text))
    return "".join(text for _, text in parts)


def _class_changed(old: str, new: str) -> str:
    (was,), (now,) = ast.parse(old).body, ast.parse(new).body
    assert isinstance(was, ast.ClassDef)
    assert isinstance(now, ast.ClassDef)
    head = "".join(old.splitlines(keepends=True)[: was.body[0].lineno - 1])
    members = dict(_parts(was.body, old, was.body[0].lineno - 1))
    members |= dict(_parts(now.body, new, now.body[0].lineno - 1))
    return head + "".join(members.values())


def _parts(body: list[ast.stmt], text: str, begin: int = 0) -> list[tuple[str, str]]:
    """Return statements with their names and the lines before each."""
    lines = text.splitlines(keepends=True)
    found = []
    for node in body:
        end = node.end_lineno or node.lineno
        found.append((_name(node), "".join(lines[begin:end])))
        begin = end
    return found


def _name(node: ast.stmt) -> str:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.name
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return ast.unparse(target)
        case _:
            return ast.unparse(node)


@pytest.fixture
def step(request: pytest.FixtureRequest) -> int:
    """The step until which the guide was followed."""
    return getattr(request, "param", LAST)


@pytest.fixture
def site(step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages: what pip leaves of the guide's files."""
    files = files_after(step)
    for name, body in files.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
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
    forget_modules()


def forget_modules() -> None:
    for module in [name for name in sys.modules if name.startswith("acme_")]:
        del sys.modules[module]


class Club:
    """A program with the guide's plugin, and one member with points."""

    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        self.engine = engine
        self.app: Any = create_app(engine)
        self.client = client
        self.rewards: dict[str, str] = {}
        self.member_id = ""

    async def caller(self, role: Role, holder_id: int | None = None) -> Api:
        program_id = await definition.find(self.engine)
        assert program_id is not None
        token = await tokens.create(
            self.engine, program_id=program_id, role=role, holder_id=holder_id
        )
        return Api(self.engine, self.app, self.client, program_id, token)

    async def enroll(self, number: str) -> Api:
        """Return a member with 31000 points, who becomes the one of the guide."""
        shop = await self.caller(Role.INTEGRATOR)
        payload = await shop.change("enrollMember", "member { id }", number=number)
        self.member_id = payload["member"]["id"]
        order = {"order_id": number, "amount_minor": 31_000, "currency_code": "USD"}
        await shop.change(
            "recordActivity",
            "points",
            memberId=self.member_id,
            type="purchase",
            payload=order,
        )
        return await self.caller(Role.MEMBER, int(self.member_id[4:], 16))

    async def run(self, api: Api, document: str) -> Any:
        """Run a document of the guide with the ids of this program."""
        for shown, known in (
            ("rwd_1", self.rewards["lounge"]),
            ("rwd_2", self.rewards["voucher"]),
            ("mbr_1", self.member_id),
        ):
            document = document.replace(f'"{shown}"', f'"{known}"')
        (payload,) = (await api.data(document)).values()
        assert payload["userErrors"] == []
        return payload


def reward(step: int, **config: Any) -> dict[str, Any]:
    """Return the reward of the guide as it is after a step."""
    found: dict[str, Any]
    (found,) = tomllib.loads(plain(1, "toml")[0])["rewards"]
    if step > 1:
        found |= tomllib.loads(plain(2, "toml")[0])["rewards"]
    return found | {"code": "lounge", "config": found["config"] | config}


VOUCHER = {
    "code": "voucher",
    "type": "lounge_voucher",
    "name": "A voucher",
    "currency": "PTS",
    "price": 10,
}


def client_of(engine: Engine) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=create_app(engine))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@asynccontextmanager
async def opened(url: str, *rewards: dict[str, Any]) -> AsyncIterator[Club]:
    registry = Registry.installed(environment={SECRET_VARIABLE: SECRET})
    async with Engine.open(Settings(database_url=url), registry) as engine:
        visits = registry.earning_action("acme_visit") is not None
        program_id = await definition.apply(
            engine,
            {
                "code": "main",
                "name": "Club",
                "currencies": [{"code": "PTS", "name": "Points"}],
                "rules": [
                    {
                        "code": "purchase",
                        "activity": "purchase",
                        "currency": "PTS",
                        "points": 100,
                        "per": "amount_major",
                    },
                    *(tomllib.loads(plain(9, "toml")[0])["rules"] if visits else ()),
                ],
                "tiers": [{"code": "all", "name": "All", "threshold": 0}],
                "rewards": list(rewards),
            },
        )
        rows = await engine.database.read(
            "SELECT code, reward_id FROM reward WHERE program_id = $1", program_id
        )
        async with client_of(engine) as client:
            club = Club(engine, client)
            ids = {code: encode("reward", reward_id) for code, reward_id in rows}
            club.rewards = dict.fromkeys(("lounge", "voucher"), "") | ids
            yield club


def test_every_block_has_a_place() -> None:
    """Files are installed, examples are run; there is no other block."""
    files = [one for n in range(1, 11) for one in blocks(n) if one.name]
    examples = [
        (n, one.language) for n in range(1, 11) for one in blocks(n) if not one.name
    ]

    assert len(files) + len(examples) == len(re.findall(r"^```\w", GUIDE, re.MULTILINE))
    assert {one.language for one in files} == {"python", "toml"}
    assert examples == [
        (1, "graphql"),
        (1, "toml"),
        (1, "graphql"),
        (2, "toml"),
        (2, "graphql"),
        (5, "graphql"),
        (5, "graphql"),
        (9, "toml"),
        (9, "graphql"),
    ]


def test_first_plugin_has_eight_lines() -> None:
    lines = files_after(1)["acme_lounge.py"].splitlines()

    assert len([line for line in lines if line.strip()]) == 8


def test_partner_imports_only_what_is_promised() -> None:
    own = {"acme_desk", "acme_lounge", "acme_visit"}
    allowed = own | {"guerdon", "pydantic"} | set(sys.stdlib_module_names)
    for name, body in files_after(LAST).items():
        if name.endswith(".py"):
            nodes = list(ast.walk(ast.parse(body)))
            froms = {one.module for one in nodes if isinstance(one, ast.ImportFrom)}
            names = {
                alias.name
                for one in nodes
                if isinstance(one, ast.Import)
                for alias in one.names
            }
            assert {str(one).split(".")[0] for one in froms | names} <= allowed, name


@pytest.mark.parametrize(
    ("step", "count"), [(3, 24), (4, 24), (7, 24), (LAST, 58)], indirect=["step"]
)
def test_guides_tests_pass(site: Path, count: int) -> None:
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
    assert run.stdout.splitlines()[-1].startswith(f"{count} passed")


@pytest.mark.parametrize("step", [3, LAST], indirect=True)
def test_guides_package_is_found_without_fault(step: int, site: Path) -> None:
    command = "from gateway.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", command, "plugin", "check", str(site)],
        cwd=site,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "contract: acme_lounge brings reward type lounge" in run.stdout
    assert ("acme_visit brings" in run.stdout) == (step == LAST)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("step", range(1, LAST + 1), indirect=True)
def test_plugin_loads_after_every_step(step: int) -> None:
    registry = Registry.installed()

    brought = {one.name: one for one in registry.plugins if one.module[:5] == "acme_"}
    lounge = brought["acme_lounge"]
    assert (lounge.module, lounge.distribution) == ("acme_lounge", "acme-lounge")
    more = ("reward type lounge_voucher",) if step >= 5 else ()
    assert lounge.brings == ("reward type lounge", *more)
    assert ("acme_visit" in brought) == (step == LAST)


def printed(step: int) -> Any:
    assert step
    return parse_schema(build_schema(Registry.installed()).as_str())


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("step", [1, 2], indirect=True)
def test_types_of_the_guide_are_those_of_the_schema(step: int) -> None:
    types = printed(step).type_map
    shown = next(one for one in plain(step, "graphql") if "mutation" not in one)

    for node in parse(shown).definitions:
        kind: Any = types[node.name.value]  # type: ignore[attr-defined]
        inherited = {
            name for face in getattr(kind, "interfaces", ()) for name in face.fields
        }
        faces = [face.name.value for face in getattr(node, "interfaces", ())]
        given = {one.name.value: one for one in node.fields}  # type: ignore[attr-defined]
        own = {n: one for n, one in kind.fields.items() if n not in inherited}
        own |= {n: one for n, one in kind.fields.items() if n in given}
        assert faces == [one.name for one in getattr(kind, "interfaces", ())]
        assert {name: str(one.type) for name, one in own.items()} == {
            name: print_ast(one.type) for name, one in given.items()
        }


@pytest.mark.usefixtures("site")
def test_what_the_guide_says_of_published_names_is_so() -> None:
    schema = printed(LAST)
    types: Any = schema.type_map

    many = types["LoungeTooManyGuests"]
    assert "maximumGuests" in many.fields
    assert [one.name for one in many.interfaces] == ["UserError"]
    assert {"LoungeAccess", "LoungeTreat", "LoungeTerminal"} <= set(types)
    phone = types["LoungeReward"].fields["deskPhone"]
    assert phone.description.endswith("Only with catalog:read; null for others.")
    assert str(types["LoungeFulfillment"].fields["code"].type) == "String"
    for step in (5, 9):
        for document in plain(step, "graphql"):
            assert validate(schema, parse(document)) == []


@pytest.mark.usefixtures("site")
def test_settings_are_those_of_the_guide() -> None:
    variables = set(re.findall(r"GUERDON_PLUGIN_ACME_LOUNGE_[A-Z_]+", GUIDE))
    (plugin,) = [
        one for one in Registry.installed().plugins if one.name == "acme_lounge"
    ]

    assert {one.variable for one in plugin.settings} == variables


def test_desk_is_made_by_a_setting(site: Path) -> None:
    client = (
        "from acme_desk import Sandbox\n\n"
        "def connect(settings):\n"
        "    desk = Sandbox()\n"
        "    desk.key = settings.desk_key.get_secret_value()\n"
        "    return desk\n"
    )
    (site / "acme_client.py").write_text(client)
    prefix = "GUERDON_PLUGIN_ACME_LOUNGE_"
    environment = {f"{prefix}DESK": "acme_client:connect", f"{prefix}DESK_KEY": "k-1"}

    lounge: Any = Registry.installed(environment=environment).reward_type("lounge")

    assert lounge._desk.key == "k-1"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("step", [1], indirect=True)
async def test_eight_lines_are_redeemed(step: int, sqlite_url: str) -> None:
    async with opened(sqlite_url, reward(step)) as club:
        ada = await club.enroll("1")
        _, mutation = plain(step, "graphql")

        first = await club.run(ada, mutation)
        again = await club.run(ada, mutation)

    redemption = first["redemption"]
    assert redemption["status"] == "FULFILLED"
    assert re.fullmatch(
        r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", redemption["fulfillment"]["code"]
    )
    assert again == first


@pytest.mark.usefixtures("site")
async def test_limited_lounge_is_redeemed_and_waited_for(sqlite_url: str) -> None:
    terminals = [{"code": "t1", "places": 3}]
    rewards = reward(5, terminals=terminals), VOUCHER
    async with opened(sqlite_url, *rewards) as club:
        redeem, add_codes = plain(5, "graphql")
        first = await club.run(await club.enroll("1"), redeem)
        second = await club.run(await club.enroll("2"), redeem)
        added = await club.run(await club.caller(Role.ADMIN), add_codes)
        voucher = await (await club.enroll("3")).change(
            "redeemReward",
            "redemption { fulfillment { ... on LoungeVoucherFulfillment { code } } }",
            rewardId=club.rewards["voucher"],
        )

    assert {**first["redemption"], "id": ""} == {
        "id": "",
        "status": "FULFILLED",
        "quantity": 2,
        "fulfilledQuantity": 2,
        "pointsSpent": 100,
        "waitingPlace": None,
    }
    assert second["redemption"]["status"] == "REQUESTED"
    assert second["redemption"]["waitingPlace"] == 1
    assert (added["added"], added["total"]) == (2, 2)
    assert voucher["redemption"]["fulfillment"]["code"] == "LN-7731"


@pytest.mark.usefixtures("site")
async def test_partner_that_has_fewer_is_paid_for_fewer(sqlite_url: str) -> None:
    config = {"airport": "ONE", "terminals": [{"code": "t1", "places": 3}]}
    async with opened(sqlite_url, reward(5, **config)) as club:
        got = await club.run(await club.enroll("1"), plain(5, "graphql")[0])

    redemption = got["redemption"]
    assert (redemption["quantity"], redemption["fulfilledQuantity"]) == (2, 1)
    assert redemption["pointsSpent"] == 50


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", loop="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.mark.usefixtures("site")
async def test_late_answer_is_sent(sqlite_url: str) -> None:
    config = {"airport": "LTR", "terminals": [{"code": "t1", "places": 3}]}
    async with opened(sqlite_url, reward(6, **config)) as club:
        ada = await club.enroll("1")
        got = await club.run(ada, plain(5, "graphql")[0])
        sender = import_module("acme_sender")
        async with serving(club.app) as root:
            url = f"{root}/callbacks/{got['redemption']['id']}"
            message = {"number": "B-7", "places": 2}
            with pytest.raises(OSError, match="401"):
                await asyncio.to_thread(sender.send, url, SECRET[::-1], message)
            told = await asyncio.to_thread(sender.send, url, SECRET, message)
        code = "... on LoungeFulfillment { code people }"
        read = await ada.data(
            f"query ($i: ID!) {{ node(id: $i) {{ ... on Redemption {{ "
            f"fulfillment {{ {code} }} }} }} }}",
            i=got["redemption"]["id"],
        )

    assert got["redemption"]["status"] == "UNKNOWN"
    assert told == {"status": "FULFILLED"}
    assert read["node"]["fulfillment"] == {"code": "B-7", "people": 2}


@pytest.mark.usefixtures("site")
async def test_guest_too_many_is_refused_before_points_are_held(
    sqlite_url: str,
) -> None:
    async with opened(sqlite_url, reward(7)) as club:
        ada = await club.enroll("1")
        before = await ada.ledger()
        got = await ada.change(
            "redeemReward",
            "userErrors { code message ... on LoungeTooManyGuests { maximumGuests } }",
            rewardId=club.rewards["lounge"],
            options={"lounge": {"guests": 3}},
        )
        after = await ada.ledger()

    assert got["userErrors"] == [
        {
            "code": "TOO_MANY_GUESTS",
            "message": "these are too many guests",
            "maximumGuests": 2,
        }
    ]
    assert after == before


@pytest.mark.parametrize("step", [7], indirect=True)
async def test_second_version_reads_what_the_first_has_stored(
    site: Path, sqlite_url: str
) -> None:
    async with opened(sqlite_url, reward(7, airport="vie")):
        pass
    for name, body in files_after(8).items():
        (site / name).write_text(body, encoding="utf-8")
    forget_modules()
    registry = Registry.installed()
    settings = Settings(database_url=sqlite_url)
    async with (
        Engine.open(settings, registry) as engine,
        client_of(engine) as client,
    ):
        staff = await Club(engine, client).caller(Role.STAFF)
        read = await staff.data(
            "{ catalog { nodes { ... on LoungeReward { airport } } } }"
        )

    assert read["catalog"]["nodes"] == [{"airport": "VIE"}]


@pytest.mark.usefixtures("site")
async def test_visit_earns_once(sqlite_url: str) -> None:
    async with opened(sqlite_url, reward(LAST)) as club:
        await club.enroll("1")
        door = await club.caller(Role.INTEGRATOR)
        (report,) = plain(9, "graphql")
        first = await club.run(door, report)
        before = await door.ledger()
        again = await club.run(door, report.replace("-0001", "-0002"))
        after = await door.ledger()

    assert first["points"] == again["points"] == 5
    assert after == before, "reported twice, it has earned once"


@pytest.mark.usefixtures("site")
def test_skipped_plugin_is_not_even_imported() -> None:
    registry = Registry.installed(skip=["acme_lounge"])

    assert registry.reward_type("lounge") is None
    assert "acme_lounge" not in sys.modules
