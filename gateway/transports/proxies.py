"""Proxies in front of the gateway, whose word about a client counts."""

from ipaddress import ip_address, ip_network

from core.errors import ConfigurationError


class Proxies:
    """The addresses and networks of trusted proxies.

    `*` trusts whoever connects: only where nobody but the proxy can.
    """

    def __init__(self, text: str) -> None:
        """Read a list that is separated by commas.

        Raises:
            ConfigurationError: an item is neither an address nor a network.
        """
        self.names = [one.strip() for one in text.split(",") if one.strip()]
        self._is_any = self.names == ["*"]
        try:
            self._networks = [] if self._is_any else [ip_network(n) for n in self.names]
        except ValueError as error:
            raise ConfigurationError(f"GUERDON_TRUSTED_PROXIES: {error}") from None

    def trust(self, address: str) -> bool:
        """Tell whether whoever connects from *address* is one of them."""
        if self._is_any:
            return True
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in one for one in self._networks)
