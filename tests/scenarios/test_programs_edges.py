"""Edges of programs as data, and a row about who may change them."""

from typing import Any

FIELDS = "version { number state draftedBy approvedBy publishedBy }"


def document(**rule: Any) -> dict[str, Any]:
    given = {
        "code": "purchase",
        "activity": "purchase",
        "currency": "PTS",
        "points": 1,
        "per": "amount_major",
    }
    return {
        "code": "edges",
        "name": "Edges",
        "currencies": [{"code": "PTS", "name": "Points"}],
        "rules": [given | rule],
    }


async def publish(program: Any, values: dict[str, Any]) -> None:
    drafted = await program.do("draftProgram", FIELDS, document=values)
    number = drafted["version"]["number"]
    await program.do("publishProgramVersion", FIELDS, number=number)


async def kinds(program: Any, member_id: str) -> list[tuple[str, str]]:
    """Return what was posted: kind, and when it was written down."""
    found = await program.read(
        "query ($id: ID!) { member(id: $id) { transactions(last: 20) "
        "{ nodes { kind postedAt } } } }",
        id=member_id,
    )
    nodes = found["member"]["transactions"]["nodes"]
    return [(one["kind"], one["postedAt"][:10]) for one in reversed(nodes)]


async def test_e37_a_new_expiry_applies_to_new_lots(owner: Any) -> None:
    program = await owner.found(document(valid_days=10), sandbox=True)
    ada = await program.enroll()
    await program.buy(ada, "o1", 10)

    await publish(program, document(valid_days=100))
    await program.buy(ada, "o2", 5)
    await program.do("advanceClock", "clock", to="2027-02-15T08:00:00Z")

    assert await program.balances(ada) == {"PTS": 5}


async def test_e39_the_work_of_one_instant_has_an_order(owner: Any) -> None:
    program = await owner.found(document(pending_days=5, valid_days=5), sandbox=True)
    ada = await program.enroll()
    await program.buy(ada, "o1", 10)
    await program.do("advanceClock", "clock", to="2027-01-20T08:00:00Z")
    await program.buy(ada, "o2", 7)

    # On the 25th the points of the first order run out, and those of the second ripen.
    moved = await program.do(
        "advanceClock", "clock program { clock }", to="2027-03-01T00:00:00Z"
    )

    assert moved["clock"] == "2027-03-01T00:00:00.000Z"
    assert moved["program"]["clock"] == "2027-03-01T00:00:00.000Z"
    by_time = [one for one in await kinds(program, ada) if one[0] != "EARN"]
    assert by_time == [
        ("OPEN", "2027-01-15"),
        ("ACTIVATE", "2027-01-20"),
        ("ACTIVATE", "2027-01-25"),
        ("EXPIRE", "2027-01-25"),
        ("EXPIRE", "2027-01-30"),
    ]


async def test_e12_a_refund_does_not_ask_the_rules_of_today(owner: Any) -> None:
    program = await owner.found(document())
    ada = await program.enroll()
    earned = await program.do(
        "recordActivity",
        "points transaction { id }",
        memberId=ada,
        type="purchase",
        payload={"order_id": "o1", "amount_minor": 4_000, "currency_code": "USD"},
    )

    await publish(program, {**document(), "rules": []})
    await program.do(
        "reverseTransaction",
        "transaction { kind }",
        transactionId=earned["transaction"]["id"],
        reason="sent back",
    )

    assert earned["points"] == 40
    assert await program.balances(ada) == {"PTS": 0}
    assert await program.buy(ada, "o2", 10) == 0


async def test_vf_25_marketing_adds_a_rule_and_a_reward_and_another_agrees(
    owner: Any,
) -> None:
    program = await owner.found({**document(), "approval": "two_people"})
    editor, chief = [
        program.of(
            (
                await program.do(
                    "createApiKey", "secret", role="MARKETER", client=client
                )
            )["secret"]
        )
        for client in ("editor", "chief")
    ]
    ada = await program.enroll()
    values = {
        **document(points=3),
        "approval": "two_people",
        "rewards": [
            {
                "code": "five_off",
                "type": "discount",
                "name": "5 % off",
                "currency": "PTS",
                "price": 30,
                "config": {"percent_off": 5},
            }
        ],
    }

    await editor.do("draftProgram", FIELDS, document=values)
    alone = await editor.change("publishProgramVersion", FIELDS, number=2)
    before = await program.buy(ada, "o1", 10)
    await chief.do("approveProgramVersion", FIELDS, number=2)
    done = await editor.do("publishProgramVersion", FIELDS, number=2)

    assert alone["userErrors"][0]["code"] == "SECOND_PERSON_NEEDED"
    assert before == 10
    assert await program.buy(ada, "o2", 10) == 30
    assert (await program.redeem(ada, "five_off"))["status"] == "FULFILLED"
    assert done["version"] == {
        "number": 2,
        "state": "PUBLISHED",
        "draftedBy": "editor",
        "approvedBy": "chief",
        "publishedBy": "editor",
    }
