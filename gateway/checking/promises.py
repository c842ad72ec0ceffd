"""Checks of what a plugin promises with its methods, as far as can be told."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from pydantic import BaseModel

from core.errors import GuerdonError
from core.extension import in_place
from core.extension.documents import UnstorableError, write
from core.extension.earning_action import AnyEarningAction
from core.extension.reports import read_report
from core.extension.reward_documents import (
    read_config,
    read_fulfillment,
    read_options,
)
from core.extension.reward_type import AnyRewardType, RewardType
from gateway.checking.findings import Finding, fault, ok, warning
from gateway.checking.lint import Brought
from gateway.checking.samples import sample_of

_LONGEST_WAIT_S = 30
_MUST_DO = ("fulfill", "probe")
_MAY_DO = ("precheck", "receive", "revoke")
_CONTRACT, _STORAGE = "contract", "storage"


def check_promises(brought: Brought) -> Iterator[Finding]:
    """Check the methods of a reward type or an earning action, and its documents."""
    if not isinstance(brought, RewardType):
        yield from _tried(brought, {"payload": partial(_report, brought)})
        return
    yield from _check_methods(brought)
    yield from _tried(
        brought,
        {
            "config": partial(_config, brought),
            "options": partial(_options, brought),
            "fulfillment": partial(_fulfillment, brought),
        },
    )


def _check_methods(reward_type: AnyRewardType) -> Iterator[Finding]:
    code, kind = reward_type.code, type(reward_type)
    for name in (*_MUST_DO, *_MAY_DO):
        lines = _body(getattr(kind, name))
        if lines is None:
            continue
        if any(map(_is_missing, lines)) or (name in _MUST_DO and not lines):
            yield fault(_CONTRACT, f"{code}: {name} is empty; write it")
    if kind.revoke is RewardType.revoke:
        text = f"{code} never takes a reward back: it does not override revoke"
        yield warning(_CONTRACT, text)
    if reward_type.version > 1 and kind.upgrade is RewardType.upgrade:
        text = f"{code}: version is {reward_type.version}, but there is no upgrade"
        yield fault(_CONTRACT, f"{text} of what earlier ones stored; override it")
    if (reward_type.deadline_seconds or 0) > _LONGEST_WAIT_S:
        text = f"{code} lets members wait for {reward_type.deadline_seconds:g} seconds"
        yield warning(_CONTRACT, text)


def _body(method: Callable[..., Any]) -> list[ast.stmt] | None:
    """Return what a method does, without docstring and `pass`; None: not known."""
    try:
        source = textwrap.dedent(inspect.getsource(method))
        (function,) = ast.parse(source).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    body: list[ast.stmt] = getattr(function, "body", [])
    return [one for one in body if not _does_nothing(one)]


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case _:
            return False


def _is_missing(statement: ast.stmt) -> bool:
    """Tell whether a statement says that something is not written yet."""
    match statement:
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
        case _:
            return False


def _tried(
    brought: Brought, parts: dict[str, Callable[[BaseModel], object]]
) -> Iterator[Finding]:
    """Store a sample of each document, read it again, and ask about it."""
    tried = []
    for name, use in parts.items():
        model = getattr(brought, name)
        sample = None if model is None else sample_of(model)
        if sample is None:
            continue
        try:
            use(sample)
        except (GuerdonError, UnstorableError, _OtherError) as error:
            text = f"{brought.code}: the {name} {sample!r} cannot be used: {error}"
            yield fault(_STORAGE, text)
        else:
            tried.append(name)
    if tried:
        text = f"{brought.code}: {', '.join(tried)} can be stored and read again"
        yield ok(_STORAGE, text)


class _OtherError(Exception):
    """What was read is not what was stored."""

    def __init__(self, read: object) -> None:
        super().__init__(f"stored and read again, it is {read!r}")


def _same(read: object, sample: BaseModel) -> None:
    if read != sample:
        raise _OtherError(read)


def _config(reward_type: AnyRewardType, sample: BaseModel) -> None:
    _same(read_config(reward_type, write(sample), reward_type.version), sample)
    in_place.capacity(reward_type, sample)
    in_place.uses_codes(reward_type, sample)
    with suppress(ValueError):  # this one need not be a config that makes sense
        in_place.run(
            reward_type.code,
            "check",
            lambda: reward_type.check(sample),
            passing=(ValueError,),
        )


def _options(reward_type: AnyRewardType, sample: BaseModel) -> None:
    _same(read_options(reward_type, write(sample), reward_type.version), sample)
    in_place.quantity(reward_type, sample)


def _fulfillment(reward_type: AnyRewardType, sample: BaseModel) -> None:
    _same(read_fulfillment(reward_type, write(sample), reward_type.version), sample)


def _report(action: AnyEarningAction, sample: BaseModel) -> None:
    read_report(action, sample.model_dump())
