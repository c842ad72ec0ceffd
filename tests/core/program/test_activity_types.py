"""Types of activity that a program registers: no code, and the same as a plugin's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    ActivityTypeNotFoundError,
    ConfigurationError,
    DuplicateActivityError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidInputError,
    InvalidPayloadError,
)
from core.extension.earning_action import Trust, Uniqueness
from core.extension.registry import Registry
from core.program import activities, activity_kinds, activity_types, definition, members
from core.settings import Settings
from plugins import purchase

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["trip"],
    "properties": {
        "trip": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer"}, "meters": {"type": "integer"}},
        },
        "is_return": {"type": ["boolean", "null"]},
        "city": {"type": "string"},
    },
}
TYPE: dict[str, Any] = {
    "code": "bike_trip",
    "name": "Bike trip",
    "schema": SCHEMA,
    "reference": "trip.id",
    "facts": ["trip.meters", "is_return", "city"],
}
TRIP: dict[str, Any] = {"trip": {"id": 7, "meters": 1_200}, "city": "Graz"}
RULES = [
    {"code": "m", "activity": "bike_trip", "currency": "PTS", "points": 2,
     "per": "trip_meters"},
    {"code": "r", "activity": "bike_trip", "currency": "PTS", "points": 5,
     "per": "is_return"},
]  # fmt: skip
PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rules": RULES,
}
Register = Callable[..., Awaitable[activity_types.Registered]]


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


@pytest.fixture
def admin(program_id: int) -> Actor:
    return Actor(program_id, "office", Role.ADMIN)


@pytest.fixture
async def bob(engine: Engine, shop: Actor) -> int:
    return (await members.enroll(engine, by=shop, key="bob")).holder_id


@pytest.fixture
def register(engine: Engine, admin: Actor) -> Register:
    async def call(key: str = "k", by: Actor = admin, **change: Any) -> Any:
        return await activity_types.register(engine, by=by, key=key, **(TYPE | change))

    return call


async def rows(engine: Engine) -> list[Any]:
    return await engine.database.read(
        "SELECT program_id, code, version, is_active FROM activity_type "
        "ORDER BY program_id, code, version"
    )


async def record(engine: Engine, by: Actor, holder_id: int, **more: Any) -> Any:
    given = {"key": "t", "activity_type": "bike_trip", "payload": TRIP} | more
    return await activities.record(engine, by=by, holder_id=holder_id, **given)


async def test_a_registered_type_earns(
    engine: Engine, register: Register, shop: Actor, bob: int
) -> None:
    await register()

    found = await record(engine, shop, bob)
    returned = await record(
        engine, shop, bob, key="t2", payload={"trip": {"id": 8}, "is_return": True}
    )

    assert found == activities.Recorded(bob, 2, {1: 2_400}, replayed=False)
    assert returned.points == {1: 5}
    sql = "SELECT type, source, external_id, payload FROM activity ORDER BY seq LIMIT 1"
    assert await engine.database.read(sql) == [
        (
            "bike_trip",
            "bike_trip",
            "7",
            '{"city":"Graz","trip":{"id":7,"meters":1200}}',
        )
    ]


@pytest.mark.parametrize(
    ("payload", "field", "reason"),
    [
        ({"trip": {"id": "7"}}, "trip.id", "must be of type integer"),
        ({"trip": {}}, "trip.id", "is required"),
        ({}, "trip", "is required"),
        (TRIP | {"colour": "red"}, "colour", "is no member of this type"),
        ({"trip": {"id": 7, "m": 1}}, "trip.m", "is no member of this type"),
        ({"trip": {"id": 2**53}}, "trip.id", "must be within ±9007199254740991"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    engine: Engine,
    register: Register,
    shop: Actor,
    bob: int,
    payload: Any,
    field: str,
    reason: str,
) -> None:
    await register()

    with pytest.raises(InvalidPayloadError) as caught:
        await record(engine, shop, bob, payload=payload)

    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert await engine.database.read("SELECT 1 FROM activity") == []
    head = "SELECT last_seq FROM holder WHERE holder_id = $1"
    assert await engine.database.read(head, bob) == [(1,)]


async def test_a_long_reference_is_refused(
    engine: Engine, register: Register, shop: Actor, bob: int
) -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}},
    }
    await register(schema=schema, reference="id", facts=[])

    for text in ("", "x" * 256):
        with pytest.raises(InvalidPayloadError) as caught:
            await record(engine, shop, bob, payload={"id": text})
        assert caught.value.field == "id"
        assert caught.value.reason == "must have 1 to 255 characters"


@pytest.mark.parametrize("uniqueness", list(Uniqueness))
async def test_a_reference_occurs_once(
    engine: Engine, register: Register, shop: Actor, bob: int, uniqueness: Uniqueness
) -> None:
    await register(uniqueness=uniqueness)
    eve = (await members.enroll(engine, by=shop, key="eve")).holder_id
    await record(engine, shop, bob)

    again = await record(engine, shop, bob, key="t2")
    with pytest.raises(DuplicateActivityError):
        await record(engine, shop, bob, key="t3", payload=TRIP | {"city": "Wien"})

    assert again.replayed
    if uniqueness is Uniqueness.MEMBER:
        assert (await record(engine, shop, eve)).points == {1: 2_400}
        return
    with pytest.raises(DuplicateActivityError):
        await record(engine, shop, eve)


@pytest.mark.parametrize("trust", list(Trust))
async def test_members_report_what_they_may(
    engine: Engine, register: Register, shop: Actor, bob: int, trust: Trust
) -> None:
    await register(trust=trust)
    member = Actor(shop.program_id, "member-1", Role.MEMBER, bob)

    if trust is Trust.MEMBER:
        assert (await record(engine, member, bob)).points == {1: 2_400}
        return
    with pytest.raises(ForbiddenError):
        await record(engine, member, bob)


async def test_other_content_is_the_next_version(
    engine: Engine, register: Register, shop: Actor, admin: Actor, bob: int
) -> None:
    first = await register("k1")
    reordered = dict(reversed(SCHEMA.items()))
    same = await register("k2", schema=reordered)
    renamed = await register("k3", name="A trip by bike")
    wider = {
        **SCHEMA,
        "properties": {**SCHEMA["properties"], "weather": {"type": "string"}},
    }
    third = await register("k4", schema=wider)

    versions = [one.activity_type.version for one in (first, same, renamed, third)]
    assert versions == [1, 1, 2, 3]
    assert await rows(engine) == [
        (admin.program_id, "bike_trip", version, version == 3) for version in (1, 2, 3)
    ]
    found = await record(engine, shop, bob, payload=TRIP | {"weather": "fair"})
    assert found.points == {1: 2_400}


async def test_a_key_is_good_for_one_registration(
    engine: Engine, register: Register
) -> None:
    first = await register("k1")
    await register("k2", name="Other")
    before = await rows(engine)

    again = await register("k1")
    with pytest.raises(IdempotencyConflictError):
        await register("k1", name="Another")

    assert not first.replayed
    assert again.replayed
    assert again.activity_type.name == "Other"  # as it stands now
    assert await rows(engine) == before


async def test_registrations_at_once_make_versions_without_gaps(
    engine: Engine, register: Register
) -> None:
    names = [f"Trip {number}" for number in range(12)]

    await asyncio.gather(*(register(f"k{n}", name=n) for n in names))

    found = await rows(engine)
    assert [version for _, _, version, _ in found] == list(range(1, 13))
    assert [is_active for *_, is_active in found] == [False] * 11 + [True]


async def test_one_key_at_once_registers_once(
    engine: Engine, register: Register
) -> None:
    answers = await asyncio.gather(*(register() for _ in range(8)))

    assert sorted(one.replayed for one in answers) == [False] + [True] * 7
    assert len(await rows(engine)) == 1


async def test_a_retry_is_known_whatever_the_type_says_since(
    engine: Engine, register: Register, shop: Actor, bob: int
) -> None:
    await register("k1")
    first = await record(engine, shop, bob)
    strict = {**SCHEMA, "required": ["trip", "is_return"]}
    await register("k2", schema=strict)

    again = await record(engine, shop, bob)

    assert (again.seq, again.points, again.replayed) == (first.seq, {1: 2_400}, True)
    for more in (
        {"payload": TRIP | {"city": "Wien"}},
        {"occurred_at_us": 1},
        {"key": "t2"},
    ):
        with pytest.raises(InvalidPayloadError) as caught:
            await record(engine, shop, bob, **more)
        assert caught.value.field == "is_return"


async def test_programs_have_types_of_their_own(
    engine: Engine, register: Register, shop: Actor, bob: int
) -> None:
    other = await definition.apply(engine, PROGRAM | {"code": "other"})
    await register(by=Actor(other, "office", Role.ADMIN))

    with pytest.raises(ActivityTypeNotFoundError):
        await record(engine, shop, bob)

    assert await activity_types.find(engine, shop.program_id, "bike_trip") is None


@pytest.mark.parametrize("role", [Role.STAFF, Role.INTEGRATOR, Role.MEMBER])
async def test_only_an_admin_registers(
    engine: Engine, register: Register, program_id: int, role: Role
) -> None:
    holder_id = 1 if role is Role.MEMBER else None

    with pytest.raises(ForbiddenError) as caught:
        await register(by=Actor(program_id, "x", role, holder_id))

    assert caught.value.scope == "program:write"
    assert await rows(engine) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "purchase"}, "code"),
        ({"code": "Bike"}, "code"),
        ({"code": "b" * 51}, "code"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"description": " "}, "description"),
        ({"schema": {"type": "array"}}, "schema.type"),
        ({"reference": "city"}, "reference"),
        ({"facts": ["trip"]}, "facts"),
    ],
)
async def test_what_is_wrong_is_named(
    engine: Engine, register: Register, change: Any, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await register(**change)

    assert caught.value.field == field
    assert await rows(engine) == []
    assert not (await register()).replayed  # the key is free


@pytest.fixture
async def without_plugins(database_url: str, clock: Any) -> AsyncIterator[Engine]:
    """The same database, served by a process that has no plugins."""
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, Registry.of(), clock) as opened:
        yield opened


async def test_a_plugin_that_comes_later_wins(
    engine: Engine, without_plugins: Engine, admin: Actor, shop: Actor, bob: int
) -> None:
    await activity_types.register(
        without_plugins, by=admin, key="k", **(TYPE | {"code": "purchase"})
    )

    registered = await activity_kinds.find_kind(
        without_plugins, admin.program_id, "purchase"
    )
    brought = await activity_kinds.find_kind(engine, admin.program_id, "purchase")

    assert isinstance(registered, activity_types.RegisteredType)
    assert isinstance(brought, activity_kinds.PluginKind)
    assert await activity_types.shadowed(engine) == ["purchase"]
    assert await activity_types.shadowed(without_plugins) == []
    order = {"order_id": "o1", "amount_minor": 100, "currency_code": "USD"}
    await record(engine, shop, bob, activity_type="purchase", payload=order)
    listed = await activity_kinds.describe_all(engine, admin.program_id)
    assert [(one.code, one.plugin) for one in listed] == [
        ("purchase", purchase.__name__),
        ("sign_up", "plugins.sign_up"),
    ]


async def test_another_process_knows_it_at_once(
    without_plugins: Engine, register: Register, shop: Actor, bob: int
) -> None:
    await register("k1")
    assert (await record(without_plugins, shop, bob)).points == {1: 2_400}

    await register("k2", schema={**SCHEMA, "required": ["trip", "city"]})

    with pytest.raises(InvalidPayloadError, match="city: is required"):
        await record(without_plugins, shop, bob, key="t2", payload={"trip": {"id": 9}})


async def test_a_document_brings_types(
    engine: Engine, admin: Actor, shop: Actor, bob: int
) -> None:
    document = PROGRAM | {"activities": [TYPE | {"description": "By bike."}]}

    for _ in range(2):
        await definition.apply(engine, document)
    assert await rows(engine) == [(admin.program_id, "bike_trip", 1, True)]
    assert (await record(engine, shop, bob)).points == {1: 2_400}
    await definition.apply(
        engine, PROGRAM | {"activities": [TYPE | {"needs_approval": True}]}
    )

    assert [version for _, _, version, _ in await rows(engine)] == [1, 2]
    found = await activity_types.find(engine, admin.program_id, "bike_trip")
    assert found is not None
    assert (found.version, found.needs_approval, found.description) == (2, True, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"code": "purchase"},
            (
                "program document, activities[0].code: is an earning action of "
                "the plugin "
                "plugins.purchase"
            ),
        ),
        (
            {"reference": "city"},
            (
                "program document, activities[0].reference: city must be required by "
                "the schema"
            ),
        ),
        (
            {"trust": "everybody"},
            (
                "program document, activities[0].trust: input should be 'integrator' "
                "or "
                "'member'"
            ),
        ),
        (
            {"colour": "red"},
            "program document, activities[0].colour: extra inputs are not permitted",
        ),
    ],
)
async def test_a_wrong_document_changes_nothing(
    engine: Engine, change: Any, message: str
) -> None:
    await definition.apply(engine, PROGRAM)
    document = PROGRAM | {"name": "Other", "activities": [TYPE | change]}

    with pytest.raises(ConfigurationError) as caught:
        await definition.apply(engine, document)

    assert str(caught.value) == message
    assert await rows(engine) == []
    assert await engine.database.read("SELECT name FROM program") == [("Shop",)]
