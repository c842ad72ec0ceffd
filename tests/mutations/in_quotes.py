"""Faults of quotes: promises that are not kept, or not checked."""

from mutation import Mutation

QUOTES = "core/program/quotes.py"
PROMISES = "core/program/promises.py"
REDEMPTION = "core/program/redemption.py"

TOLD = ("tests/core/program/theater/test_quotes.py",)
READ = ("tests/core/program/test_promises.py",)

IN_QUOTES = (
    Mutation(
        "a quote is good for ever",
        QUOTES,
        "now_us < promise.valid_until_us",
        "True",
        TOLD,
    ),
    Mutation(
        "another price is not noticed",
        QUOTES,
        "wish.price == promise.price",
        "True",
        TOLD,
    ),
    Mutation(
        "other settings of a reward are not noticed",
        QUOTES,
        "_terms(wish) == promise.terms",
        "True",
        TOLD,
    ),
    Mutation(
        "another's quote can be redeemed",
        QUOTES,
        "(promise.program_id, promise.holder_id) != (by.program_id, holder_id)",
        "False",
        TOLD,
    ),
    Mutation(
        "a digest of lots is not compared",
        QUOTES,
        "        if not promise.has_lots(lots):\n",
        "        if False:\n",
        TOLD,
    ),
    Mutation(
        "a redemption is not held to its quote",
        REDEMPTION,
        "            steps = await quotes.held_to(engine, promise, wish, steps)\n",
        "            pass\n",
        TOLD,
    ),
    Mutation(
        "a quote is judged before its key is looked up",
        REDEMPTION,
        "if not await engine.database.read(_KNOWN",
        "if quote_id or not await engine.database.read(_KNOWN",
        TOLD,
    ),
    Mutation(
        "an id can be made up",
        PROMISES,
        "not hmac.compare_digest(mac, _mac(body, secret))",
        "not mac",
        READ,
    ),
)
