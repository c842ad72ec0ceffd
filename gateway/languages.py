"""Which languages a caller reads, and messages in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import InvalidInputError
from core.languages import canonical, looked_up
from gateway.catalogs import Catalogs

DEFAULT = "en"
MAX_PREFERRED = 8
"""So many languages of a request are looked at; who reads more has seen enough."""


def accepted(header: str | None) -> tuple[str, ...]:
    """Return the languages of a header `Accept-Language`, the preferred ones first.

    What is no tag of a language is passed over, and so is `*`.
    """
    found: dict[str, float] = {}
    for one in (header or "").split(","):
        tag, *parameters = (part.strip() for part in one.split(";"))
        try:
            language = canonical(tag, field="Accept-Language")
        except InvalidInputError:
            continue
        found[language] = max(_weight(parameters), found.get(language, 0.0))
    liked = [one for one in found if found[one] > 0]
    return tuple(sorted(liked, key=lambda one: -found[one])[:MAX_PREFERRED])


def _weight(parameters: list[str]) -> float:
    for one in parameters:
        name, _, value = one.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of one caller.

    Attributes:
        preferred: tags, in their order.
        catalogs: of messages.
        wanted: the same as `preferred`, each followed by what is more general.
    """

    preferred: tuple[str, ...]
    catalogs: Catalogs
    wanted: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look up once what is asked for often."""
        object.__setattr__(self, "wanted", looked_up(self.preferred))

    @property
    def spoken(self) -> str | None:
        """Return the language of messages; None if the caller prefers none."""
        if not self.wanted:
            return None
        known = self.catalogs.languages
        return next((one for one in self.wanted if one in known), DEFAULT)

    def text(self, name: str, values: Mapping[str, object]) -> str | None:
        """Return a message in the first language that has it, if any."""
        for language in self.wanted:
            text = self.catalogs.text(language, name, values)
            if text is not None:
                return text
        return None
