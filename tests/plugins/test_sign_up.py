"""Signing up: once for each member."""

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.sign_up import SignUp, SignUpPayload


class TestContract(EarningActionContract):
    earning_action = SignUp()
    payload = SignUpPayload(channel="app")


def test_channel_does_not_make_another_sign_up() -> None:
    web = read_report(SignUp(), {"channel": "web"})
    store = read_report(SignUp(), {"channel": "store"})

    assert web.reference == store.reference == "sign_up"
    assert SignUp().uniqueness is Uniqueness.MEMBER


def test_channel_may_be_left_out() -> None:
    report = read_report(SignUp(), {})

    assert report.facts == {"channel": "unknown"}


def test_members_do_not_sign_themselves_up() -> None:
    assert SignUp().trust is Trust.INTEGRATOR
