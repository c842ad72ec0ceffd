"""From a version to the rows that everything goes by, in the caller's unit of work."""

from sqlmodel import Session, col, select

from core.engine import Engine
from core.program import activity_types
from core.program.definition_rows import DefinitionWriter
from core.program.document import read
from core.program.drafting import standing_row
from core.program.standing import Checked
from core.program.versions import State
from core.storage.activity_tables import ActivityType
from core.storage.program_tables import Program
from core.storage.version_tables import ProgramVersion as Row


def enact(
    session: Session, engine: Engine, program: Program, row: Row, checked: Checked
) -> None:
    """Let the rows follow the document, and the version take the place of another.

    Raises:
        ConfigurationError: what stands does not allow it.
    """
    before = standing_row(session, program.program_id)
    write_rows(session, engine, program, checked)
    now_us = row.published_at_us
    if before is not None:
        _remove_types(session, program.program_id, before, checked)
        before.state, before.retired_at_us = State.RETIRED.value, now_us
        session.add(before)
        session.flush()  # one stands at a time: this one goes first
    row.state, row.publish_at_us = State.PUBLISHED.value, None
    row.is_finished, row.failure = False, None
    session.add(row)
    session.flush()


def write_rows(
    session: Session, engine: Engine, program: Program, checked: Checked
) -> None:
    """Write the rows of a document.

    Raises:
        ConfigurationError: what stands does not allow it.
    """
    now_us = engine.clock.now_us() if program.clock_us is None else program.clock_us
    writer = DefinitionWriter(engine, checked.document, checked.configs, now_us)
    writer.write(session, program)
    for one in checked.types:
        activity_types.save(session, program.program_id, one, now_us)


def _remove_types(
    session: Session, program_id: int, before: Row, checked: Checked
) -> None:
    """End types of activity that the document before had; others were registered."""
    kept = {one.code for one in checked.types}
    gone = [
        one.code for one in read(before.document).activities if one.code not in kept
    ]
    for row in session.exec(
        select(ActivityType).where(
            ActivityType.program_id == program_id,
            col(ActivityType.code).in_(gone),
            col(ActivityType.is_active),
        )
    ):
        row.is_active = False
        session.add(row)
