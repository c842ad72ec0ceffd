"""Refusals about programs: their documents, versions and clocks."""

from collections.abc import Sequence

from core.errors.refused import RefusedError


class ProgramFaultyError(RefusedError):
    """A program document is wrong; `faults` are all that is, as (path, reason)."""

    code = "PROGRAM_FAULTY"

    def __init__(self, *, faults: Sequence[tuple[str, str]]) -> None:
        told = "; ".join(f"{path}: {reason}" for path, reason in faults)
        super().__init__(f"program document, {told}")
        self.faults = faults


class ProgramVersionStateError(RefusedError):
    """The version's present state does not allow this."""

    code = "PROGRAM_VERSION_STATE"

    def __init__(self, *, status: str) -> None:
        super().__init__(f"not possible while the version is {status}")
        self.status = status


class ProgramVersionOutdatedError(RefusedError):
    """Another version was published since this one was drafted."""

    code = "PROGRAM_VERSION_OUTDATED"

    def __init__(self, *, published: int) -> None:
        super().__init__(
            f"version {published} was published since this one was drafted; look at "
            "the differences, and draft it again"
        )
        self.published = published


class SecondPersonNeededError(RefusedError):
    """Another API client than the one that drafted the version must approve it."""

    code = "SECOND_PERSON_NEEDED"

    def __init__(self) -> None:
        super().__init__("somebody else than who drafted the version must approve it")


class ProgramCodeTakenError(RefusedError):
    """Another program of the installation has this code."""

    code = "PROGRAM_CODE_TAKEN"

    def __init__(self) -> None:
        super().__init__("another program has this code")


class NotASandboxError(RefusedError):
    """The program has no clock of its own: it goes by the real time."""

    code = "NOT_A_SANDBOX"

    def __init__(self) -> None:
        super().__init__("only a sandbox program has a clock that can be moved")
