"""SF-26: a template is tried in a sandbox, promoted to live, and taken back."""

from typing import Any

from gateway import program_files

FIELDS = "version { number state }"


async def test_sf_26_from_a_template_to_live_and_back(owner: Any) -> None:
    values = program_files.load(program_files.template("fashion"), "fashion")
    trial = await owner.found({**values, "code": "trial"}, sandbox=True)
    live = await owner.found({**values, "code": "fashion"})
    values["rules"][0]["points"] = 2

    # In the sandbox: the points ripen after the days in which goods come back.
    await trial.do("draftProgram", FIELDS, document=values)
    await trial.do("publishProgramVersion", FIELDS, number=2)
    ada = await trial.enroll()
    assert await trial.buy(ada, "o1", 30) == 60
    assert await trial.balances(ada) == {"PTS": 0}
    await trial.do("advanceClock", "clock", to="2027-01-30T08:00:00Z")
    assert await trial.balances(ada) == {"PTS": 60}

    # The same document goes live; the code is that of the live program.
    found = await trial.read("{ programVersion(number: 2) { document } }")
    document = found["programVersion"]["document"]
    await live.do("draftProgram", FIELDS, document=document, note="as tried")
    diff = (await live.read("{ programVersion(number: 2) { diff { words } } }"))[
        "programVersion"
    ]["diff"]
    await live.do("publishProgramVersion", FIELDS, number=2)
    bob = await live.enroll()
    assert await live.buy(bob, "o1", 30) == 60
    program = (await live.read("{ program { code clock } }"))["program"]

    # And back.
    back = await live.do("rollBackProgram", FIELDS, number=1)
    assert await live.buy(bob, "o2", 30) == 30
    same = await live.read(
        "{ programVersion(number: 3) { diff(against: 1) { code } } }"
    )

    assert [one["words"] for one in diff] == ["rule purchase changes: points 1 -> 2"]
    assert program == {"code": "fashion", "clock": None}
    assert back["version"] == {"number": 3, "state": "PUBLISHED"}
    assert same["programVersion"]["diff"] == []
