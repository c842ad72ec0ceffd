"""Something that a member shared in a social network, reported by the member.

A member earns once for each content and network. The address of the post is asked for
and must be one of that network, so that anybody can look; nobody approves it before.
"""

from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl


class Network(StrEnum):
    """A social network."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    PINTEREST = "pinterest"
    REDDIT = "reddit"
    THREADS = "threads"
    TIKTOK = "tiktok"
    X = "x"
    YOUTUBE = "youtube"


HOSTS = {
    Network.FACEBOOK: ("facebook.com", "fb.com"),
    Network.INSTAGRAM: ("instagram.com",),
    Network.LINKEDIN: ("linkedin.com",),
    Network.PINTEREST: ("pinterest.com", "pin.it"),
    Network.REDDIT: ("reddit.com", "redd.it"),
    Network.THREADS: ("threads.com", "threads.net"),
    Network.TIKTOK: ("tiktok.com",),
    Network.X: ("x.com", "twitter.com"),
    Network.YOUTUBE: ("youtube.com", "youtu.be"),
}
"""Hosts of each network; those below them count as well."""


class SocialSharePayload(BaseModel):
    """What a member reports about one post."""

    network: Network = Field(description="Where it was shared.")
    content_id: str = Field(
        min_length=1,
        max_length=100,
        description="The program's own name of what was shared.",
    )
    url: str = Field(
        pattern=r"^https://[!-~]+$",
        max_length=500,
        description="Address of the post in that network; https only.",
    )

    @field_validator("url")
    @classmethod
    def _of_the_network(cls, value: str, info: ValidationInfo) -> str:
        network = info.data.get("network")
        if network is not None and not _is_on(value, network):
            raise ValueError(f"must be an address at {HOSTS[network][0]}")
        return value


def _is_on(url: str, network: Network) -> bool:
    host = urlsplit(url).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in HOSTS[network])


class SocialShare(EarningAction[SocialSharePayload]):
    """One post, once for each member, network and content."""

    code = "social_share"
    payload = SocialSharePayload
    trust = Trust.MEMBER
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: SocialSharePayload) -> str:
        """Return the network and the content."""
        return f"{payload.network.value}/{payload.content_id}"

    def facts(self, payload: SocialSharePayload) -> dict[str, Fact]:
        """Return what was shared where."""
        return {"network": payload.network.value, "content_id": payload.content_id}


@hookimpl
def register_earning_actions() -> list[SocialShare]:
    """Bring the share."""
    return [SocialShare()]
