"""Replaying a member's past: the rows that the ledger would have written. Pure.

The commands are decided as live ones are, by a clock that goes along with them. What
time brings about happens when it is due, as if workers had never been late; what is due
until now is done at the end.
"""

from collections.abc import Sequence

from core.bulk.index import Raw
from core.bulk.lines import LineError, MemberLine, Told, read_line
from core.bulk.past import BadLineError, Event, Past, Setting
from core.bulk.rows import Part, Rows
from core.ledger import chain
from core.ledger.codes import HolderKind, HolderStatus, RefusalCode
from core.ledger.commands import Open, Refused
from core.ledger.state import HolderState, Lot
from core.ledger.workspace import Workspace
from core.program.refusals import error_of

_MANY_LOTS = 256
"""When a member has so many lots, those that are spent are put aside."""

_WHY = {
    RefusalCode.KEY_REUSED: ("id", "another line has it, and says otherwise"),
    RefusalCode.REFERENCE_REUSED: ("reference", "another line has it"),
    RefusalCode.NOT_REDEEMABLE: ("currency", "it cannot be spent"),
}


def replay(
    setting: Setting, lines: Sequence[Raw], holder_id: int, rows: Rows, part: Part
) -> list[LineError]:
    """Add the rows of a member's whole past to *rows*; or none, and say why.

    Args:
        setting: what all members of the import share.
        lines: all lines that tell of the member, in any order.
        holder_id: the id that the member gets.
        rows: what they are added to.
        part: counts what is added.
    """
    told, errors = read_all(lines)
    number, events = "", list[Event]()
    if not errors:
        number, events, errors = _events(Past(setting, holder_id), told)
    if errors:
        return errors
    state = HolderState(
        holder_id,
        setting.program_id,
        HolderKind.MEMBER,
        HolderStatus.ACTIVE,
        last_seq=0,
        last_at_us=0,
        last_hash=chain.genesis(setting.program_id, holder_id),
        currencies=setting.currencies,
    )
    work = Workspace({holder_id: state}, 0, {"imported": setting.name})
    repeated = 0
    spent: dict[int, Lot] = {}
    for event in events:
        _advance(work, state, event.at_us)
        outcome = work.run(event.command)
        if isinstance(outcome, Refused):
            return [_error(event, outcome)]
        repeated += outcome.replayed
        if len(state.lots) > _MANY_LOTS:
            _put_aside(state, spent)
    _advance(work, state, setting.now_us)
    state.lots |= spent
    rows.take_in(number, work, state)
    part.members += 1
    part.transactions += len(events) - 1 - repeated
    part.skipped += repeated
    part.count(work)
    return []


def read_all(lines: Sequence[Raw]) -> tuple[list[Told], list[LineError]]:
    """Read lines, and tell which are wrong."""
    read = [read_line(number, raw) for number, raw in lines]
    errors = [one for one in read if isinstance(one, LineError)]
    return [one for one in read if isinstance(one, Told)], errors


def _events(
    past: Past, told: Sequence[Told]
) -> tuple[str, list[Event], list[LineError]]:
    """Return the member's number, and what happened in the order of time."""
    own = [one.line for one in told if isinstance(one.line, MemberLine)]
    if not own:
        reason = "no line of the file is the member's own"
        return "", [], [LineError(told[0].number, "member", reason)]
    events: list[Event] = []
    errors: list[LineError] = []
    own_first = sorted(told, key=lambda one: not isinstance(one.line, MemberLine))
    for one in own_first:
        try:
            events += past.events(one, own[0].joined_at)
        except BadLineError as error:
            errors.append(error.error)
    events.sort(key=lambda event: event.at_us)
    return own[0].number, events, sorted(errors)


def _advance(work: Workspace, state: HolderState, until_us: int) -> None:
    """Let the clock go on, and do on the way what is due, each when it is due."""
    while (due_us := state.next_due_us) is not None and due_us <= until_us:
        work.now_us = due_us
        work.catch_up(state)
    work.now_us = until_us


def _put_aside(state: HolderState, spent: dict[int, Lot]) -> None:
    """Take lots out of which nothing is left: nothing that is imported names them."""
    for lot_id, lot in list(state.lots.items()):
        if not lot.is_open:
            spent[lot_id] = state.lots.pop(lot_id)


def _error(event: Event, refused: Refused) -> LineError:
    field, reason = _WHY.get(refused.code, ("points", str(error_of(refused))))
    is_own = isinstance(event.command.steps[0].operation, Open)
    return LineError(event.line, "number" if is_own else field, reason)
