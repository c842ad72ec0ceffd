"""Filling templates (see `core.reads.model`): aliases, parameters, dialects."""

import re
from collections.abc import Mapping

from core.reads.dialects import Dialect

Value = int | str

_MACRO = re.compile(r"\{(\w+)(?::([^:{}]*):([^:{}]*))?\}")


class Filler:
    """Fills the templates of one statement, and collects its parameters."""

    def __init__(self, dialect: Dialect, fixed: Mapping[str, Value]) -> None:
        self.dialect = dialect
        self.parameters: list[Value] = []
        self._fixed = fixed
        self._known: dict[tuple[str, Value], str] = {}

    def fill(
        self,
        template: str,
        alias: str,
        parent: str = "",
        given: Mapping[str, object] | None = None,
    ) -> str:
        """Return the SQL of *template* for the row *alias*.

        Args:
            template: see `core.reads.model`.
            alias: of the row.
            parent: alias of the row that a relation leads from.
            given: values by name; each becomes a parameter.
        """
        values = self._fixed if not given else {**self._fixed, **given}

        def spelled(macro: re.Match[str]) -> str:
            name, first, second = macro.groups()
            match name:
                case "each":
                    return self.dialect.each(first, second)
                case "element":
                    return self.dialect.element(first, int(second))
                case "member":
                    return self.dialect.member(first, second)
                case "joined":
                    return self.dialect.join(f"{first}.{second}")
                case _:
                    return self._once(name, values[name])

        sql = template.replace("{t}", alias).replace("{p}", parent)
        return _MACRO.sub(spelled, sql)

    def parameter(self, value: Value) -> str:
        """Add a parameter, and return how it is referred to."""
        self.parameters.append(value)
        number = len(self.parameters)
        return self.dialect.parameter(number, text=isinstance(value, str))

    def _once(self, name: str, value: object) -> str:
        """Refer to a value; the same one under the same name is one parameter."""
        if not isinstance(value, (int, str)):
            raise TypeError(f"{name} is no single value")
        if (name, value) not in self._known:
            self._known[name, value] = self.parameter(value)
        return self._known[name, value]
