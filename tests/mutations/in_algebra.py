"""Faults of the algebra of points: debts, holds, reversals, transfers, exchange.

Each is seen by the simulation, whose witness is the model, or by a law.
"""

from mutation import Mutation

APPROVING = "core/ledger/approving.py"
DUE = "core/ledger/due.py"
DRAFT = "core/ledger/draft.py"
SPENDING = "core/ledger/spending.py"
RESTORING = "core/ledger/restoring.py"
REVERSAL = "core/ledger/reversal.py"
TARGETS = "core/ledger/targets.py"
TRANSFERS = "core/ledger/transfers.py"
PIPELINE = "core/ledger/pipeline.py"
MEMORY = "core/ledger/memory_store.py"
SWEEPING = "core/ledger/sweeping.py"

LAWS = ("tests/core/ledger/test_laws.py",)
PREVIEWS = ("tests/core/ledger/test_previews.py",)
SIMULATION = ("tests/core/ledger/test_simulation.py",)

DEBTS = (
    Mutation(
        "what is earned pays no debt",
        SPENDING,
        "        draft.repay(award.currency_id, lot.lot_id)\n",
        "",
        LAWS,
    ),
    Mutation(
        "what ripens pays no debt",
        DUE,
        "    draft.repay(lot.currency_id, lot_id)\n",
        "",
        LAWS,
    ),
    Mutation(
        "a capped debt grows beyond its cap",
        REVERSAL,
        "max(0, rule.debt_limit - draft.wallet(currency_id).debt)",
        "rule.debt_limit",
        SIMULATION,
    ),
    Mutation(
        "nothing is forgiven",
        REVERSAL,
        "    if rule.clawback is Clawback.FORGIVE:\n        owed = 0\n    elif",
        "    if",
        SIMULATION,
    ),
    Mutation(
        "a floor can be spent",
        DRAFT,
        "max(0, self.wallet(currency_id).available - floor)",
        "self.wallet(currency_id).available",
        SIMULATION,
    ),
)
HOLDS = (
    Mutation(
        "more is captured than was set aside",
        SPENDING,
        "    if amount > hold.remaining:",
        "    if False:",
        SIMULATION,
    ),
    Mutation(
        "other points than were expected are set aside",
        SPENDING,
        "    if tuple((lot.lot_id, part) for lot, part in parts) != operation.expect:",
        "    if False:",
        LAWS,
    ),
    Mutation(
        "who was promised points hears that some are missing",
        SPENDING,
        "        if not operation.expect:\n",
        "        if True:\n",
        PREVIEWS,
    ),
    Mutation(
        "what is due is not foreseen",
        "core/ledger/preview.py",
        "        work.catch_up(state)\n",
        "        pass\n",
        PREVIEWS,
    ),
    Mutation(
        "a preview knows the first lots only",
        "core/ledger/preview.py",
        "    yield from load_all_lots(command.steps, states)\n",
        "",
        PREVIEWS,
    ),
    Mutation(
        "what is captured comes from the last lot",
        SPENDING,
        "    for share in draft.shares(hold.hold_id):\n        part",
        "    for share in reversed(draft.shares(hold.hold_id)):\n        part",
        LAWS,
    ),
    Mutation(
        "a final capture releases nothing",
        SPENDING,
        "    if operation.final:\n",
        "    if False:\n",
        SIMULATION,
    ),
    Mutation(
        "a hold ends earlier when it is extended",
        SPENDING,
        "expires_at_us <= hold.expires_at_us",
        "False",
        SIMULATION,
    ),
    Mutation(
        "released points live on",
        RESTORING,
        "    if lot.expires_at_us > at_us:\n        return\n",
        "    return\n",
        SIMULATION,
    ),
    Mutation(
        "a hold ends when somebody looks",
        DUE,
        "release(draft, due.key, due.at_us)",
        "release(draft, due.key, draft.now_us)",
        SIMULATION,
    ),
)
REVERSALS = (
    Mutation(
        "more is reversed than there was",
        REVERSAL,
        "self.left = sum(line.amount for line in lines) - self.undone",
        "self.left = sum(line.amount for line in lines)",
        SIMULATION,
    ),
    Mutation(
        "the first drawn is refunded first",
        REVERSAL,
        "for line in reversed(target.lines) if",
        "for line in target.lines if",
        SIMULATION,
    ),
    Mutation(
        "what comes back has no policy",
        RESTORING,
        "        policy=origin.policy,\n",
        "",
        SIMULATION,
    ),
    Mutation(
        "a clawback spares its own lot",
        REVERSAL,
        "    for account in (Account.PENDING, Account.AVAILABLE):\n        lot",
        "    for account in (Account.PENDING,):\n        lot",
        LAWS,
    ),
    Mutation(
        "a clawback takes what ends last",
        REVERSAL,
        "for lot in draft.spendable(currency_id):",
        "for lot in reversed(draft.spendable(currency_id)):",
        SIMULATION,
    ),
    Mutation(
        "what ran out is owed",
        REVERSAL,
        "return draft.lot(own).expired - taken",
        "return 0",
        SIMULATION,
    ),
    Mutation(
        "what ran out is taken twice",
        REVERSAL,
        "return draft.lot(own).expired - taken",
        "return draft.lot(own).expired",
        SIMULATION,
    ),
    Mutation(
        "a clawback sees one lot",
        TARGETS,
        "lots_of(given),",
        "lots_of(given, first=1),",
        SIMULATION,
    ),
    Mutation(
        "a counter keeps what is clawed back",
        DRAFT,
        "return given - taken",
        "return given",
        SIMULATION,
    ),
    Mutation(
        "a reversal in the batch of its target sees a few lots",
        TARGETS,
        "            holders.add(step.holder_id)\n",
        "",
        ("tests/core/ledger/test_reversal.py",),
    ),
)
TRANSFERRED = (
    Mutation(
        "what is received lives for ever",
        TRANSFERS,
        "expires_at_us=lot.expires_at_us,",
        "expires_at_us=2**53 - 1,",
        LAWS,
    ),
    Mutation(
        "anybody gets what goes back",
        TRANSFERS,
        "elif parcel.receiver == draft.state.holder_id:",
        "elif parcel.receiver:",
        SIMULATION,
    ),
    Mutation(
        "an exchange rounds up",
        TRANSFERS,
        "operation.amount * gives // takes",
        "-(-operation.amount * gives // takes)",
        LAWS,
    ),
    Mutation(
        "an exchange rounds nothing off",
        TRANSFERS,
        "used = -(-result * takes // gives)",
        "used = operation.amount",
        LAWS,
    ),
)
UNDER_WAY = (
    Mutation(
        "answers go to the wrong callers",
        PIPELINE,
        "zip(batch, answers, strict=True)",
        "zip(batch, reversed(answers), strict=True)",
        SIMULATION,
    ),
    Mutation(
        "one poisonous command fails its batch",
        PIPELINE,
        "            if len(batch) == 1:",
        "            if True:",
        SIMULATION,
    ),
    Mutation(
        "what fails in memory leaves its rows",
        MEMORY,
        "        except BaseException:\n",
        "        except MemoryError:\n",
        SIMULATION,
    ),
    Mutation(
        "a sweep does nothing",
        SWEEPING,
        "most=_PIECES - len(work.entries)",
        "most=0",
        SIMULATION,
    ),
)

APPROVALS = (
    Mutation(
        "what is approved pays no debt",
        APPROVING,
        "        draft.repay(lot.currency_id, lot.lot_id)\n",
        "",
        SIMULATION,
    ),
    Mutation(
        "the life of points begins before they are approved",
        APPROVING,
        "ripens_at_us + rule.valid_us if",
        "rule.valid_us if",
        SIMULATION,
    ),
    Mutation(
        "points are approved that wait for nobody",
        APPROVING,
        "lot.pending > 0 and lot.available_at_us == NEVER_US",
        "lot.pending > 0",
        SIMULATION,
    ),
    Mutation(
        "the dates of what is approved are not stored",
        "core/ledger/writing.py",
        "work.lots.changed - work.dated",
        "work.lots.changed",
        ("tests/core/ledger/test_approvals.py",),
    ),
    Mutation(
        "whoever decides second decides as well",
        "core/ledger/decide.py",
        "            if approval != WAITING:\n",
        "            if approval is None:\n",
        ("tests/core/program/test_approvals.py",),
    ),
    Mutation(
        "what waits for a person counts at once",
        "core/program/activities.py",
        "        if one.rule.is_qualifying and activity.approval is None\n",
        "        if one.rule.is_qualifying\n",
        ("tests/core/program/test_approvals.py",),
    ),
    Mutation(
        "what is approved never counts",
        "core/program/approvals.py",
        "Count(*EARNED, by=points[currency_id])",
        "Count(*EARNED)",
        ("tests/core/program/test_approvals.py",),
    ),
)

IN_ALGEBRA = (*DEBTS, *HOLDS, *REVERSALS, *TRANSFERRED, *UNDER_WAY, *APPROVALS)
