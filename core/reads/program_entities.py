"""The part of the read model that is of the program as it is defined."""

from core.reads.model import PROGRAM_SCOPE, Entity, Id, number, text, wording

CURRENCY = Entity(
    source="currency {t}",
    key=("currency_id",),
    program_scope=PROGRAM_SCOPE,
    attributes={
        "code": text("code"),
        "name": wording("name", "names"),
        "scale": number("scale"),
    },
)

TIER = Entity(
    source="tier {t}",
    key=("tier_id",),
    program_scope=PROGRAM_SCOPE,
    attributes={
        "id": Id("tier", ("tier_id",)),
        "code": text("code"),
        "name": wording("name", "names"),
        "rank": number("rank"),
        "threshold": number("threshold"),
    },
)
