"""Where a gallery that listens at every address of a machine can be reached."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit


def reachable_addresses(listening: str) -> list[str]:
    """Addresses for a browser's address bar.

    Args:
        listening: what the server listens at, `http://0.0.0.0:8642`.

    Returns:
        The same, if it names one address. Else that of this machine for itself, and those it has in its networks.
    """
    parts = urlsplit(listening)
    if not ipaddress.ip_address(parts.hostname or "").is_unspecified:
        return [listening]
    numbers = ["127.0.0.1", *_network_numbers(with_version_6=":" in str(parts.hostname))]
    return [f"{parts.scheme}://{f'[{number}]' if ':' in number else number}:{parts.port}" for number in numbers]


def _network_numbers(*, with_version_6: bool) -> Iterator[str]:
    import psutil

    found = [address.address for addresses in psutil.net_if_addrs().values() for address in addresses]
    for number in found:
        try:
            ip = ipaddress.ip_address(number)
        except ValueError:  # a hardware address
            continue
        if not ip.is_loopback and not ip.is_link_local and (ip.version == 4 or with_version_6):
            yield number
