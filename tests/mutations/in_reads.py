"""Faults of what is read: due points, the past, statements, pages."""

from mutation import Mutation

BALANCES = "core/reads/balances.py"
PAST = "core/reads/past.py"
STATEMENTS = "core/reads/statements.py"
INSTANTS = "core/reads/instants.py"
COMPILER = "core/reads/compiler.py"
LISTS = "core/reads/lists.py"
PAGES = "gateway/plans/pages.py"

_BALANCES = "tests/core/reads/test_balances.py::test_points_that_"
_PAST = "tests/core/reads/test_past.py::test_what_was_"
DUE = (_BALANCES + "ran_out_are_gone_though_nobody_came",)
GRACE = (_BALANCES + "a_hold_gives_back_late_live_by_the_grace_of_their_lot",)
WRITTEN_OFF = (_PAST + "written_off_alone_is_no_balance",)
API = ("tests/gateway/test_history.py",)

IN_READS = (
    Mutation(
        "what is due does not show until it is recorded",
        BALANCES,
        'IS_DUE = "{t}h.next_due_us <= {now}"',
        'IS_DUE = "{t}h.next_due_us < 0"',
        DUE,
    ),
    Mutation(
        "a hold that runs out gives nothing by grace",
        BALANCES,
        "ELSE x.expires_at_us + {member:l.policy:grace_us} END",
        "ELSE x.expires_at_us END",
        GRACE,
    ),
    Mutation(
        "what time does is booked when it is recorded",
        PAST,
        "THEN j.effective_us ELSE j.at_us END",
        "THEN j.at_us ELSE j.at_us END",
        API,
    ),
    Mutation(
        "what was told soon after it happened does not count",
        PAST,
        'return f" + {rows % soon} + {rows % late}"',
        'return f" + {rows % late}"',
        API,
    ),
    Mutation(
        "what was told late does not count",
        PAST,
        'return f" + {rows % soon} + {rows % late}"',
        'return f" + {rows % soon}"',
        API,
    ),
    Mutation(
        "what moved nothing of the holder's hides its balance",
        PAST,
        'f"AND (q.src < {PROGRAM_SIDE} OR q.dst < {PROGRAM_SIDE}) "',
        '""',
        WRITTEN_OFF,
    ),
    Mutation(
        "a statement does not count what ran out until it is recorded",
        STATEMENTS,
        "CASE WHEN {balances.IS_DUE} THEN {wallet} END AS stored",
        "CASE WHEN {balances.IS_DUE} THEN NULL END AS stored",
        API,
    ),
    Mutation(
        "an instant means its first microsecond",
        INSTANTS,
        "return instant_us - instant_us % _MS + _MS - 1",
        "return instant_us - instant_us % _MS",
        API,
    ),
    Mutation(
        "a cursor before is one after",
        LISTS,
        "cursors = (page.after, page.before)",
        "cursors = (page.before, page.after)",
        API,
    ),
    Mutation(
        "the last page begins at the front",
        PAGES,
        'backward="last" in sizes',
        "backward=False",
        API,
    ),
)
