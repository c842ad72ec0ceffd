"""What an expression may cost: the longest work that its text can ask for.

Naming a list copies it, whatever is done with it then. So a macro, which does the same
for every value of a list, looks at these values and at nothing else that can be long;
and an expression that is evaluated for each line names little beside the line.
"""

import re
from collections.abc import Iterable

from core.program.rules.plain import ExpressionError

MAX_VALUES = 3_000
"""So many values of a payload, nested ones among them, rules look at."""

FEW_VALUES = 1_000
"""So many, where an expression does something for each of them."""

FILTER_VALUES = 600
"""So many, where it makes a list of them, copied for each, or tries a pattern."""

MAX_SUMS = 10
MAX_NAMES = 2
MAX_PATTERN = 60
MAX_REPEATED = 20
ROOTS = {"activity", "member", "tier", "line"}
_MACROS = {"all", "exists", "exists_one", "existsOne", "filter"}
_PLAIN = {
    *("activity.type", "activity.occurred_at", "activity.day", "activity.weekday"),
    *("activity.hour", "member.enrolled_days", "member.has_email"),
    *("member.has_number", "tier.code", "tier.rank"),
}
"""What is never a list and always short, whatever a payload has."""

_CALL = re.compile(r"(?:(?<![\w.)\]}'])(\w+(?:\.\w+)*))?\.(\w+)\s*$")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NAMED = re.compile(r"(?<![\w.])((?:activity|member|tier|line)\b(?:\.\w+)*)(\s*[(\[])?")
_MATCHES = re.compile(r"\bmatches\s*\(")
_ESCAPED = re.compile(r"""\\[^'"]""")
_STACKED = re.compile(r"[)}+*?\s]\s*\{")
_UNICODE = re.compile(r"\\\\[A-Za-ce-rt-z]|\(\?")
_COUNT = re.compile(r"(\d+)\s*,?\s*\}")
_LITERAL = re.compile(r"\.matches\s*\(\s*''\s*\)")


def names_of_macros(bare: str, *, line: bool) -> set[str]:
    """Check the macros of an expression without texts; return the names they give.

    Raises:
        ExpressionError: one stands inside another, or looks at what can be long.
    """
    names: set[str] = set()
    starts: list[int | None] = []
    for at, sign in enumerate(bare):
        if sign == "(":
            call = _CALL.search(bare[:at])
            name = call[2] if call else ""
            if name == "map":
                raise ExpressionError("map is not a function here")
            if call and name in _MACROS:
                if any(start is not None for start in starts):
                    raise ExpressionError(f"{name} cannot stand inside a macro")
                _check_target(call[1] or "", name, line=line)
            starts.append(at + 1 if name in _MACROS else None)
        elif sign == ")" and starts and (start := starts.pop()) is not None:
            names.add(_check_body(bare[start:at]))
    return names


def _check_target(target: str, name: str, *, line: bool) -> None:
    root = target.split(".", maxsplit=1)[0]
    if root not in ROOTS:
        raise ExpressionError(f"{name} stands on a name, such as activity.lines")
    if line and root != "line":
        raise ExpressionError(f"{name} stands on what is on the line here")


def _check_body(arguments: str) -> str:
    name, _, body = arguments.partition(",")
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise ExpressionError("a macro names its values first, such as all(x, x > 1)")
    if name in ROOTS:
        raise ExpressionError("a macro cannot give its own name to what is known")
    if found := _long_names(body):
        raise ExpressionError(
            f"{found[0]} cannot stand inside a macro, which looks at {name} alone"
        )
    if _MATCHES.search(body):
        raise ExpressionError("matches cannot stand inside a macro")
    return name


def _long_names(bare: str) -> list[str]:
    """Return what it names that may be long."""
    return [
        path for path, opening in _NAMED.findall(bare) if opening or path not in _PLAIN
    ]


def most_values(bare: str, *, line: bool) -> int:
    """Return how many values a payload may have for an expression without texts.

    Raises:
        ExpressionError: it costs too much, however few there are.
    """
    if bare.count("+") > MAX_SUMS:
        raise ExpressionError(f"adds more than {MAX_SUMS} times")
    filters = len(re.findall(r"\bfilter\s*\(", bare))
    if filters > 1:
        raise ExpressionError("filter can stand in it once")
    matches = len(_MATCHES.findall(bare))
    if matches > 1 or (matches and line):
        raise ExpressionError("matches can stand once in it, and not for each line")
    if matches and not _LITERAL.search(bare):
        raise ExpressionError("matches needs its pattern as a text: .matches('…')")
    beside = [one for one in _long_names(bare) if one.split(".")[0] != "line"]
    if line and len(beside) > MAX_NAMES:
        raise ExpressionError(
            f"names {len(beside)} values beside the line; {MAX_NAMES} can be"
        )
    if filters or matches:
        return FILTER_VALUES
    has_macro = any(re.search(rf"\.{name}\s*\(", bare) for name in _MACROS)
    return FEW_VALUES if has_macro or (line and beside) else MAX_VALUES


def check_patterns(bare: str, texts: Iterable[str]) -> None:
    """Refuse patterns that are large once their repetitions are written out.

    Any text beside `matches` is held to be a pattern.

    Raises:
        ExpressionError: one of them is too large, or hides what it is.
    """
    if not _MATCHES.search(bare):
        return
    for text in texts:
        if len(text) > MAX_PATTERN:
            raise ExpressionError(f"a pattern has at most {MAX_PATTERN} characters")
        if _ESCAPED.search(text.replace("\\\\", "")):
            raise ExpressionError("a pattern has no escapes but of quotes and \\")
        if _UNICODE.search(text):
            raise ExpressionError("a pattern has [A-Za-z], no (?…), \\w, \\b or \\p")
        if _STACKED.search(text):
            raise ExpressionError("a pattern repeats no groups by {…}")
        if sum(int(most) for most in _COUNT.findall(text)) > MAX_REPEATED:
            raise ExpressionError(f"a pattern repeats at most {MAX_REPEATED} times")
