"""Faults of programs as data, and of the clock of a sandbox."""

from mutation import Mutation

ADVANCING = "core/program/advancing.py"
DRAFTING = "core/program/drafting.py"
PUBLISHING = "core/program/publishing.py"
REMOVAL = "core/program/removal.py"
SQLITE = "core/ledger/sqlite_store.py"
SQL = "core/ledger/postgres_sql.py"
WORKSPACE = "core/ledger/workspace.py"

CLOCKS = ("tests/core/program/test_advancing.py",)
VERSIONS = ("tests/gateway/test_program_versions.py",)
DEFINED = ("tests/core/program/test_definition.py",)

IN_PROGRAMS = (
    Mutation(
        "a sandbox goes by the real time",
        WORKSPACE,
        "return self._own_us.get(state.program_id, self.now_us)",
        "return self.now_us",
        CLOCKS,
    ),
    Mutation(
        "workers sweep sandboxes on SQLite",
        SQLITE,
        "WHERE p.clock_us IS NOT NULL",
        "WHERE false",
        CLOCKS,
    ),
    Mutation(
        "workers sweep sandboxes on PostgreSQL",
        SQL,
        "AND p.clock_us IS NOT NULL",
        "AND false",
        CLOCKS,
    ),
    Mutation(
        "the clock leaps to the end",
        ADVANCING,
        "now_us = await _set(engine, program_id, due_us)",
        "now_us = await _set(engine, program_id, to_us)",
        CLOCKS,
    ),
    Mutation(
        "the clock is moved back",
        ADVANCING,
        "    if to_us <= own_us:\n",
        "    if False:\n",
        CLOCKS,
    ),
    Mutation(
        "who drafted approves",
        DRAFTING,
        "if makers.are_kin(session, by, row.drafted_by):",
        "if False:",
        VERSIONS,
    ),
    Mutation(
        "one person takes the rule of two away",
        DRAFTING,
        "[text] if stands is None else [text, stands.document]",
        "[text]",
        VERSIONS,
    ),
    Mutation(
        "what is outdated is published",
        PUBLISHING,
        "if stands is not None and row.base != stands.number:",
        "if False:",
        VERSIONS,
    ),
    Mutation(
        "a publication that was cut is not finished",
        PUBLISHING,
        "if version.state is not State.PUBLISHED or version.is_finished:",
        "if True:",
        VERSIONS,
    ),
    Mutation(
        "a reward that is in the document no more stays on offer",
        REMOVAL,
        "reward.is_active = False",
        "pass",
        DEFINED,
    ),
    Mutation(
        "a currency that is in use goes",
        REMOVAL,
        "if session.exec(had).first() or session.exec(priced).first():",
        "if False:",
        DEFINED,
    ),
)
