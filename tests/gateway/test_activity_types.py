"""Types of activity over GraphQL: registered without code, listed, recorded."""

from typing import Any

import pytest

from core.program import definition
from gateway.background import working
from tests.conftest import PROGRAM

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "meters": {"type": "integer"},
    },
}
TYPE: dict[str, Any] = {
    "code": "bike_trip",
    "name": "Bike trip",
    "schema": SCHEMA,
    "reference": "id",
    "facts": ["meters"],
}
ANSWER = (
    "replayed activityType { code name description trust uniqueness needsApproval "
    "plugin payloadSchema version } userErrors { code path }"
)
REGISTER = (
    "mutation ($i: RegisterActivityTypeInput!) "
    "{ registerActivityType(input: $i) { replayed } }"
)
LIST = (
    "{ activityTypes { code name trust uniqueness needsApproval plugin version "
    "payloadSchema } }"
)


@pytest.fixture
async def admin_api(caller: Any) -> Any:
    return await caller("admin")


@pytest.fixture
async def program_id(engine: Any) -> int:
    rule = {
        "code": "trip",
        "activity": "bike_trip",
        "currency": "PTS",
        "points": 2,
        "per": "meters",
    }
    rules: Any = PROGRAM["rules"]
    return await definition.apply(engine, PROGRAM | {"rules": [*rules, rule]})


async def test_a_type_is_registered_and_earns(
    admin_api: Any, staff_api: Any, ada: Any
) -> None:
    given = TYPE | {"idempotencyKey": "the-type-of-bike-trips"}

    first = await admin_api.change("registerActivityType", ANSWER, **given)
    again = await admin_api.change("registerActivityType", ANSWER, **given)
    payload = await staff_api.change(
        "recordActivity",
        "points transaction { activityType reference approval } userErrors { code }",
        memberId=ada.id,
        type="bike_trip",
        payload={"id": "t1", "meters": 1_200},
    )

    assert first == {
        "replayed": False,
        "activityType": {
            "code": "bike_trip",
            "name": "Bike trip",
            "description": None,
            "trust": "INTEGRATOR",
            "uniqueness": "PROGRAM",
            "needsApproval": False,
            "plugin": None,
            "payloadSchema": SCHEMA,
            "version": 1,
        },
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    assert payload == {
        "points": 2_400,
        "transaction": {
            "activityType": "bike_trip",
            "reference": "t1",
            "approval": None,
        },
        "userErrors": [],
    }


async def test_a_bad_event_is_refused_by_name(
    admin_api: Any, staff_api: Any, ada: Any
) -> None:
    await admin_api.change("registerActivityType", ANSWER, **TYPE)
    before = await staff_api.ledger()

    payload = await staff_api.change(
        "recordActivity",
        "replayed userErrors { __typename code path "
        "... on InvalidPayload { field reason } }",
        memberId=ada.id,
        type="bike_trip",
        payload={"id": "t1", "metres": 1_200},
    )

    assert payload["userErrors"] == [
        {
            "__typename": "InvalidPayload",
            "code": "INVALID_PAYLOAD",
            "path": ["input", "payload"],
            "field": "metres",
            "reason": "is no member of this type",
        }
    ]
    assert await staff_api.ledger() == before


async def test_members_report_what_they_may(
    admin_api: Any, caller: Any, ada: Any
) -> None:
    member = await caller("member", ada.holder_id)
    await admin_api.change("registerActivityType", ANSWER, **TYPE, trust="MEMBER")

    payload = await member.change(
        "recordActivity",
        "points",
        type="bike_trip",
        payload={"id": "t1", "meters": 3},
    )

    assert payload == {"points": 6}


async def test_everybody_sees_all_types(admin_api: Any, caller: Any, ada: Any) -> None:
    await admin_api.change("registerActivityType", ANSWER, **TYPE)
    apis = [await caller(role) for role in ("staff", "integrator")]
    apis.append(await caller("member", ada.holder_id))

    answers = [(await api.data(LIST))["activityTypes"] for api in [admin_api, *apis]]

    assert answers[1:] == answers[:1] * 3
    found = {one["code"]: one for one in answers[0]}
    assert list(found) == sorted(found)
    assert found["bike_trip"]["plugin"] is None
    assert found["bike_trip"]["payloadSchema"] == SCHEMA
    schema = found["review"].pop("payloadSchema")
    assert found["review"] == {
        "code": "review",
        "name": "Review",
        "trust": "MEMBER",
        "uniqueness": "MEMBER",
        "needsApproval": True,
        "plugin": "review",
        "version": 1,
    }
    assert schema["required"] == ["product_id", "stars"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["stars"] == {
        "description": "Rating, from 1 to 5.",
        "maximum": 5,
        "minimum": 1,
        "title": "Stars",
        "type": "integer",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "purchase"}, "code: is an earning action of the plugin purchase"),
        ({"reference": "meters"}, "reference: meters must be required by the schema"),
        (
            {"schema": {"type": "object", "properties": {"a": {"$ref": "http://x"}}}},
            (
                "schema.properties.a.$ref: must be #/$defs/ and a name: nothing "
                "outside the schema is read"
            ),
        ),
        ({"facts": ["nothing"]}, "facts: the schema describes no nothing"),
    ],
)
async def test_a_bad_type_is_refused_by_name(
    admin_api: Any, change: Any, message: str
) -> None:
    given = TYPE | change | {"idempotencyKey": "a-type-that-is-wrong"}

    answer = await admin_api.send(REGISTER, i=given)

    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        message,
        "BAD_USER_INPUT",
    )
    assert await admin_api.engine.database.read("SELECT 1 FROM activity_type") == []


async def test_a_key_is_good_for_one_type(admin_api: Any) -> None:
    key = {"idempotencyKey": "one-key-for-two-types"}
    await admin_api.change("registerActivityType", ANSWER, **TYPE, **key)

    payload = await admin_api.change(
        "registerActivityType", ANSWER, **(TYPE | {"name": "Other"} | key)
    )

    assert payload == {
        "replayed": False,
        "activityType": None,
        "userErrors": [
            {"code": "IDEMPOTENCY_KEY_REUSED", "path": ["input", "idempotencyKey"]}
        ],
    }


@pytest.mark.parametrize("role", ["staff", "integrator"])
async def test_others_do_not_register(caller: Any, role: str) -> None:
    api = await caller(role)
    given = TYPE | {"idempotencyKey": "who-may-not-register"}

    assert await api.code(REGISTER, i=given) == "FORBIDDEN"
    assert await api.engine.database.read("SELECT 1 FROM activity_type") == []


async def test_a_type_that_a_plugin_brings_now_is_told_at_the_start(
    admin_api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await admin_api.change("registerActivityType", ANSWER, **TYPE)
    await admin_api.engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE activity_type SET code = 'purchase'"
        )
    )

    async with working(admin_api.engine):
        pass

    (told,) = [one.getMessage() for one in caplog.records]
    assert told == (
        "the activity type purchase was registered, but a plugin brings it now: the "
        "plugin's counts; start with --skip-plugin to have the registered one"
    )
