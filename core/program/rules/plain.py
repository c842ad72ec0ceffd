"""What is plain in an expression: its words and signs, without the texts in quotes.

Whatever is checked by looking at an expression is looked for here. So a text is one
that cannot be mistaken: in single or double quotes, with nothing before them.
"""

import re

_TEXT = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_STRAY = re.compile(r"""['"`\\]""")
_LEADING_DOT = re.compile(r"(?:^|[^\w)\]}'\s]|\bin\b)\s*\.")
_SPACED_DOT = re.compile(r"\s*\.\s*")


class ExpressionError(ValueError):
    """A text is no expression that a rule may have; the message says why."""


def without_texts(expression: str) -> str:
    """Return an expression with all of its texts empty.

    Raises:
        ExpressionError: it has texts of other kinds, comments or lines.
    """
    if any(sign in expression for sign in "\n\r\f"):
        raise ExpressionError("must be one line without comments")
    pieces = []
    start = 0
    for found in _TEXT.finditer(expression):
        pieces.append(expression[start : found.start()])
        before, after = expression[: found.start()], expression[found.end() :]
        if before[-1:].isalnum() or before.endswith("_"):
            raise ExpressionError("a text in quotes has no prefix such as r or b")
        if after[:1] in {"'", '"'}:
            raise ExpressionError("a text stands in one pair of quotes, not in three")
        start = found.end()
    pieces.append(expression[start:])
    if any(_STRAY.search(piece) for piece in pieces):
        raise ExpressionError("has a quote or a backslash outside a text")
    bare = "''".join(pieces)
    if "//" in bare:
        raise ExpressionError("must be one line without comments")
    if _LEADING_DOT.search(bare):
        raise ExpressionError("has a dot with nothing before it")
    return _SPACED_DOT.sub(".", bare)


def texts_of(expression: str) -> list[str]:
    """Return the insides of an expression's texts, as they are written."""
    return [found[0][1:-1] for found in _TEXT.finditer(expression)]
