"""The share: once for each network and content, at an address of that network."""

import pytest

from core.errors import InvalidPayloadError
from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.social_share import HOSTS, Network, SocialShare, SocialSharePayload

POST = {
    "network": "instagram",
    "content_id": "spring",
    "url": "https://www.instagram.com/p/1",
}


class TestContract(EarningActionContract):
    earning_action = SocialShare()
    payload = SocialSharePayload.model_validate(POST)
    other_payload = SocialSharePayload(
        network=Network.YOUTUBE, content_id="spring", url="https://youtu.be/1"
    )
    refused = (
        ({"network": "myspace"}, "network"),
        ({"url": "http://www.instagram.com/p/1"}, "url"),
        ({"url": "https://www.instagram.com/a b"}, "url"),
        ({"content_id": ""}, "content_id"),
    )


def test_report_says_what_was_shared_where() -> None:
    report = read_report(SocialShare(), POST)

    assert report.reference == "instagram/spring"
    assert report.facts == {"network": "instagram", "content_id": "spring"}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/instagram.com",
        "https://notinstagram.com/p/1",
        "https://instagram.com.example.org/p/1",
        "https://instagram.com@example.org/p/1",
        "https://facebook.com/p/1",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        read_report(SocialShare(), POST | {"url": url})

    assert caught.value.field == "url"
    assert "must be an address at instagram.com" in caught.value.reason


def test_every_network_has_its_hosts() -> None:
    assert set(HOSTS) == set(Network)
    for network, hosts in HOSTS.items():
        for host in hosts:
            post = {"network": network.value, "content_id": "c"}
            url = f"https://m.{host.upper()}/1"
            assert read_report(SocialShare(), post | {"url": url})


def test_members_report_it_themselves() -> None:
    assert SocialShare().trust is Trust.MEMBER
    assert SocialShare().uniqueness is Uniqueness.MEMBER
