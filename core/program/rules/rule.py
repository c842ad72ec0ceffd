"""A rule version, with all that is worked out of it once."""

from dataclasses import dataclass, replace
from functools import cached_property

from core.ledger.codes import NEVER_US
from core.ledger.policy import Policy, read, write
from core.program.rules.definition import RuleDefinition
from core.program.rules.expressions import Expression, Kind, compiled
from core.program.rules.scene import Scene

_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Rule:
    """A rule version as it applies to one type of activity.

    Attributes:
        rule_id: of this version.
        code: of all versions.
        version: counts from 1.
        currency_id: what it gives.
        is_qualifying: whether that counts for the tiers.
        definition: what it says.
        valid_from_us: what happened from then on is judged by it.
        valid_until_us: until then; None: until further notice.
        budget_id: the holder that its points come from, if from one.
    """

    rule_id: int
    code: str
    version: int
    currency_id: int
    is_qualifying: bool
    definition: RuleDefinition
    valid_from_us: int = 0
    valid_until_us: int | None = None
    budget_id: int | None = None

    @cached_property
    def when(self) -> Expression | None:
        """Return the condition of all of it."""
        text = self.definition.when
        return None if text is None else compiled(text, Kind.CONDITION)

    @cached_property
    def select(self) -> Expression | None:
        """Return the condition of a line."""
        text = self.definition.select
        return None if text is None else compiled(text, Kind.CONDITION, line=True)

    @cached_property
    def points(self) -> Expression | int:
        """Return what gives the points."""
        points = self.definition.points
        if isinstance(points, str):
            is_by_line = self.definition.is_by_line
            return compiled(points, Kind.NUMBER, line=is_by_line)
        return points or 0

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Return all of its expressions."""
        found = (self.when, self.select, self.points)
        return tuple(one for one in found if isinstance(one, Expression))

    def is_valid_at(self, instant_us: int) -> bool:
        """Tell whether what happened at an instant is judged by it."""
        until_us = self.valid_until_us
        return self.valid_from_us <= instant_us and (
            until_us is None or instant_us < until_us
        )

    @cached_property
    def is_dated(self) -> bool:
        """Tell whether it says itself when its points ripen or run out."""
        one = self.definition
        return bool(one.pending_days or one.valid_days or one.expires)

    def dates(self, scene: Scene) -> tuple[int | None, int]:
        """Return when points ripen, None: at once, and when they run out."""
        if scene.waits:
            return NEVER_US, NEVER_US
        one = self.definition
        ripens_at_us = scene.occurred_at_us + (one.pending_days or 0) * _DAY_US
        return ripens_at_us if one.pending_days else None, self._end_us(
            ripens_at_us, scene
        )

    def _end_us(self, ripens_at_us: int, scene: Scene) -> int:
        one = self.definition
        if one.valid_days is not None:
            return ripens_at_us + one.valid_days * _DAY_US
        if one.expires is not None:
            return one.expires.end_us(ripens_at_us, scene.zone)
        return NEVER_US

    @cached_property
    def _policy(self) -> str:
        one = self.definition
        grace_us = (one.grace_days or 0) * _DAY_US
        return write(Policy(one.clawback, one.debt_limit or 0, grace_us))

    def policy(self, scene: Scene) -> str:
        """Return the policy to be stamped on the lots.

        If these wait for an approval, their days are counted from then: as many as
        they would have had from the activity on.
        """
        if not scene.waits:
            return self._policy
        wait_us = (self.definition.pending_days or 0) * _DAY_US
        ripens_at_us = scene.occurred_at_us + wait_us
        end_us = self._end_us(ripens_at_us, scene)
        valid_us = 0 if end_us == NEVER_US else end_us - ripens_at_us
        return write(replace(read(self._policy), wait_us=wait_us, valid_us=valid_us))
