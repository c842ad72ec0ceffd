"""Expressions of rules: conditions and formulas in CEL, checked before they are kept.

The Common Expression Language has no loops, no side effects and no clock. What could
still cost without bound is bounded: the length of a text here, what it does and how
many values of a payload it sees in `bounds`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import cel

from core.program.rules.bounds import check_patterns, most_values, names_of_macros
from core.program.rules.plain import ExpressionError, texts_of, without_texts

MAX_LENGTH = 500

MEMBER = {"attributes", "enrolled_days", "has_email", "has_number"}
TIER = {"code", "rank"}
_FIELDS = {"member": MEMBER, "tier": TIER}
_FUNCTIONS = {
    *("size", "contains", "startsWith", "endsWith", "matches", "int", "string"),
    *("timestamp", "duration", "getFullYear", "getMonth", "getDate", "getHours"),
    *("getDayOfWeek", "getDayOfMonth", "getDayOfYear", "getMinutes"),
}
_PATH = re.compile(r"(?<![\w.])(activity|member|tier|line)((?:\.[A-Za-z_]\w*)*)(\()?")
_NESTED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_TRUTHS = re.compile(r"[=!]=|[<>]|&&|\|\||\bin\b|^\s*!")
_SUMS = re.compile(r"[-+*/%]")
_FRACTION = re.compile(r"\d\.\d|\d[eE][+-]?\d")
_FAULTS = (ArithmeticError, KeyError, RuntimeError, TypeError, ValueError)
"""What the library raises while it evaluates; all of it is the data's doing."""


class Kind(StrEnum):
    """What an expression gives."""

    CONDITION = "condition"
    NUMBER = "number"


class UnknownValueError(Exception):
    """An expression has no value here: something it needs is missing or unfit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Context = cel.Context


def context_of(variables: Mapping[str, Any]) -> Context:
    """Return what many expressions are evaluated on; made once, it costs little."""
    return cel.Context(variables=dict(variables))


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled text.

    Attributes:
        text: as it was written.
        kind: what it gives.
        roots: the variables that it uses: activity, member, tier, line.
        attributes: names of the member's attributes that it uses.
        paths: what it looks at, with dots, such as `activity.amount_minor`.
        most_values: how many values a payload may have for it.
    """

    text: str
    kind: Kind
    roots: frozenset[str]
    attributes: frozenset[str]
    paths: tuple[str, ...]
    most_values: int
    _program: cel.Program

    def value(self, context: Context) -> int:
        """Return the value: true or false of a condition, else a whole number.

        Raises:
            UnknownValueError: something it needs is missing, or is of another kind.
        """
        try:
            found = self._program.execute(context)
        except _FAULTS as error:
            raise UnknownValueError(_reason(error)) from error
        if type(found) is not (bool if self.kind is Kind.CONDITION else int):
            raise UnknownValueError(f"gives {_named(found)}, not a {self.kind}")
        return found

    def inputs(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the plain values that it looks at, by path."""
        found = {path: _at(variables, path) for path in self.paths}
        return {path: value for path, value in found.items() if value is not None}


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is not known" if error.args else "not known"
    if isinstance(error, ArithmeticError):
        return "divides by zero or is too large"
    return "a value is of another kind than the rule expects"


def _named(value: Any) -> str:
    return {bool: "a truth value", int: "a number", float: "a fraction"}.get(
        type(value), "something else"
    )


def _at(variables: Mapping[str, Any], path: str) -> Any:
    """Return the plain value at a path; None where there is none."""
    found: Any = variables
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found[:100]
    return found if isinstance(found, int) else None


@lru_cache(maxsize=8_192)
def compiled(text: str, kind: Kind, *, line: bool = False) -> Expression:
    """Compile a text; with *line*, it may look at one line of an order.

    Raises:
        ExpressionError: it is no expression, or not one that a rule may have.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"must have at most {MAX_LENGTH} characters")
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise ExpressionError(f"is no expression: {_first_line(error)}") from error
    bare = without_texts(text)
    if kind is Kind.NUMBER and _FRACTION.search(bare):
        raise ExpressionError("fractions are written with for_each, never as floats")
    _check_functions(program.functions())
    bound = names_of_macros(bare, line=line)
    most = most_values(bare, line=line)
    check_patterns(bare, texts_of(text))
    roots = {"activity", "member", "tier", *(("line",) if line else ())}
    for name in program.variables():
        if name not in roots | bound:
            known = ", ".join(sorted(roots))
            raise ExpressionError(f"{name} is not known here; there are {known}")
    paths, attributes = _paths(bare)
    _check_form(bare, kind)
    _check_kind(program, text, kind)
    return Expression(
        text,
        kind,
        frozenset(roots.intersection(program.variables())),
        frozenset(attributes),
        tuple(dict.fromkeys(paths)),
        most,
        program,
    )


def _first_line(error: Exception) -> str:
    text = str(error).split("ERROR: <input>:", 1)[-1]
    return text.splitlines()[0][:200]


def _check_functions(names: Iterable[str]) -> None:
    for name in names:
        is_operator = not name[0].isalpha()
        if not is_operator and name not in _FUNCTIONS:
            known = ", ".join(sorted(_FUNCTIONS))
            raise ExpressionError(f"{name} is not a function; there are {known}")


def _paths(bare: str) -> tuple[list[str], set[str]]:
    """Return the paths that a text names, and the member's attributes among them."""
    paths: list[str] = []
    attributes: set[str] = set()
    for root, rest, call in _PATH.findall(bare):
        steps = rest.split(".")[1:]
        if call and steps:
            steps.pop()
        if root in _FIELDS and (not steps or steps[0] not in _FIELDS[root]):
            known = ", ".join(f"{root}.{one}" for one in sorted(_FIELDS[root]))
            raise ExpressionError(f"{root} must be named in full; there are {known}")
        if root == "member" and steps[0] == "attributes":
            if len(steps) == 1:
                raise ExpressionError("must name the attribute: member.attributes.NAME")
            attributes.add(steps[1])
        paths.append(".".join((root, *steps)))
    return paths, attributes


def _check_form(bare: str, kind: Kind) -> None:
    """Refuse what its outermost operators show to be of another kind."""
    while (flat := _NESTED.sub("x", bare)) != bare:
        bare = flat
    if "?" in flat:
        return
    is_truth = bool(_TRUTHS.search(flat))
    if is_truth and kind is Kind.NUMBER:
        raise ExpressionError("gives a truth value, not a number")
    if kind is Kind.CONDITION and not is_truth and _SUMS.search(flat):
        raise ExpressionError("gives a number, not a condition")


def _check_kind(program: cel.Program, text: str, kind: Kind) -> None:
    """Refuse what gives another kind whatever it sees, as far as that can be told.

    On nothing at all it either has its value, or misses something.
    """
    nothing: dict[str, Any] = {"activity": {}, "member": {"attributes": {}}}
    try:
        found = program.execute(nothing | {"tier": {}, "line": {}})
    except _FAULTS as error:
        if not isinstance(error, KeyError | ArithmeticError):
            raise ExpressionError(f"cannot be evaluated: {_reason(error)}") from error
        found = None
    wanted = bool if kind is Kind.CONDITION else int
    if found is not None and type(found) is not wanted:
        raise ExpressionError(f"gives {_named(found)}, not a {kind}: {text}")
