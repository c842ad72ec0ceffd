"""Values of labels: so many and no more, whatever clients send. Pure."""

from collections.abc import Iterable

OTHER = "other"
_LONGEST = 64


class Bounded:
    """Lets the first so many values through; each later one is called `other`."""

    def __init__(self, most: int, known: Iterable[str] = ()) -> None:
        """Begin with what is *known*, which is let through beside the others."""
        self._values = {one for one in known if len(one) <= _LONGEST}
        self._most = len(self._values) + most

    def __call__(self, value: str) -> str:
        """Return the value to count under."""
        if value in self._values:
            return value
        if len(self._values) >= self._most or len(value) > _LONGEST:
            return OTHER
        self._values.add(value)
        return value
