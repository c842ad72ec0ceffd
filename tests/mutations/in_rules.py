"""Faults of the pure core: keys, time, order of spending, the chain."""

from mutation import Mutation

DECIDE = "core/ledger/decide.py"
WORKSPACE = "core/ledger/workspace.py"
WANTED = "core/ledger/wanted.py"
LOADING = "core/ledger/loading.py"
DRAFT = "core/ledger/draft.py"
FINISHING = "core/ledger/finishing.py"
CHAIN = "core/ledger/chain.py"
VERIFY = "core/ledger/verify.py"

KEYS = ("tests/core/ledger/test_keys.py",)
TIME = ("tests/core/ledger/test_time.py",)
SPENDING = ("tests/core/ledger/test_earning_and_spending.py",)
PROOF = ("tests/core/ledger/test_verify.py",)
BYTES = ("tests/core/ledger/test_chain.py",)

KEYED = (
    Mutation(
        "keys that posted are not looked up",
        WANTED,
        "states[holder_id].known[key] = Known(bytes(fingerprint), seq, at_us)",
        "pass",
        KEYS,
    ),
    Mutation(
        "keys that were refused are not looked up",
        WANTED,
        """\
            states[holder_id].known[key] = Known(
                bytes(fingerprint), refusal=RefusalCode(code), detail=json.loads(detail)
            )
""",
        "            pass\n",
        KEYS,
    ),
    Mutation(
        "references are not looked up",
        WANTED,
        "states[holder_id].references[source, external_id] = known",
        "pass",
        KEYS,
    ),
    Mutation(
        "a key is good for another body",
        DECIDE,
        "    if known.fingerprint != command.fingerprint:\n",
        "    if not command.fingerprint:\n",
        KEYS,
    ),
    Mutation(
        "a refusal is not stored",
        WORKSPACE,
        "            self.refusals.append((command, outcome, now_us))\n",
        "",
        KEYS,
    ),
    Mutation(
        "a key that posted is not seen in its own batch",
        WORKSPACE,
        "state.known[entry.key] = Known(entry.fingerprint, entry.seq, entry.at_us)",
        "pass",
        KEYS,
    ),
    Mutation(
        "a key that was refused is not seen in its own batch",
        WORKSPACE,
        """\
            owner.known[command.key] = Known(
                command.fingerprint, refusal=outcome.code, detail=outcome.detail
            )
""",
        "",
        KEYS,
    ),
    Mutation(
        "a reference is not seen in its own batch",
        WORKSPACE,
        "owner.references[command.reference] = known",
        "pass",
        KEYS,
    ),
    Mutation(
        "a stage moves on twice",
        DECIDE,
        "            if stage != companion.expected:\n",
        "            if stage is None:\n",
        KEYS,
    ),
    Mutation(
        "a stage that moved on is not seen in its own batch",
        WORKSPACE,
        "stages[companion.hold_id] = (companion.status, companion.attempts)",
        "pass",
        KEYS,
    ),
)

TIMED = (
    Mutation(
        "what is due is not done first",
        WORKSPACE,
        "                self.catch_up(state)\n",
        "                pass\n",
        TIME,
    ),
    Mutation(
        "what is due on other holders is not done first",
        WORKSPACE,
        "        for step in command.steps:\n"
        "            if (state := self.states.get(step.holder_id)) is not None:\n",
        "        for step in command.steps[:1]:\n"
        "            if (state := self.states.get(step.holder_id)) is not None:\n",
        TIME,
    ),
    Mutation(
        "time of a holder runs back",
        DRAFT,
        "self.now_us = max(now_us, state.last_at_us)",
        "self.now_us = now_us",
        TIME,
    ),
    Mutation(
        "what had run out comes back with the clock",
        WORKSPACE,
        "now_us = max(self.now_of(state.holder_id), state.last_at_us)",
        "now_us = self.now_of(state.holder_id)",
        TIME,
    ),
    Mutation(
        "what had run out is not read when the clock steps back",
        LOADING,
        "due_us <= max(now_us, state.last_at_us)",
        "due_us <= now_us",
        TIME,
    ),
    Mutation(
        "points run out after their instant",
        "core/ledger/due.py",
        "if lot.pending and lot.available_at_us <= now_us:",
        "if lot.pending and lot.available_at_us < now_us:",
        TIME,
    ),
    Mutation(
        "what is due is done in any order",
        "core/ledger/due.py",
        "piece = heappop(self._pieces)",
        "piece = self._pieces.pop()",
        TIME,
    ),
    Mutation(
        "the next thing due is forgotten",
        FINISHING,
        "    soonest = min(dues)\n",
        "    soonest = dues[-1]\n",
        TIME,
    ),
)

SPENT = (
    Mutation(
        "what came first is spent first",
        DRAFT,
        "key=lambda lot: (lot.expires_at_us, lot.lot_id),",
        "key=lambda lot: lot.lot_id,",
        SPENDING,
    ),
    Mutation(
        "of lots that end together the last is spent first",
        DRAFT,
        "key=lambda lot: (lot.expires_at_us, lot.lot_id),",
        "key=lambda lot: (lot.expires_at_us, -lot.lot_id),",
        SPENDING,
    ),
    Mutation(
        "one point too many is spent",
        DRAFT,
        "        if available < amount:\n",
        "        if available < amount - 1:\n",
        SPENDING,
    ),
    Mutation(
        "one more is counted than the limit allows",
        DRAFT,
        "        if limit is not None and value > limit:\n",
        "        if limit is not None and value > limit + 1:\n",
        SPENDING,
    ),
)

CHAINED = (
    Mutation(
        "a hash does not follow from the one before",
        FINISHING,
        "chain.link(draft.state.last_hash, entry)",
        'chain.link(b"", entry)',
        PROOF,
    ),
    Mutation(
        "rows of one batch follow from the same row",
        WORKSPACE,
        "        state.last_hash = entry.hash\n",
        "",
        PROOF,
    ),
    Mutation(
        "a link leaves out what came before",
        CHAIN,
        "hashlib.sha256(previous + canonical(entry))",
        "hashlib.sha256(canonical(entry))",
        BYTES,
    ),
    Mutation(
        "a link leaves out the postings",
        CHAIN,
        "            *(_line(line) for line in e.lines),\n",
        "",
        BYTES,
    ),
    Mutation(
        "fields run into one another",
        CHAIN,
        'return b"%d:%b," % (len(data), data)',
        'return b"%b," % data',
        BYTES,
    ),
)

IN_RULES = (*KEYED, *TIMED, *SPENT, *CHAINED)
