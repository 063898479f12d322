"""Which addresses the hub may be told to call: a person can mistype one, and what follows must not leak a token.

In: an address from config.yaml. Out: why it is refused, or nothing. No name is looked up here.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

_OWN_NAMES: Final = (".localhost", ".local", ".lan", ".internal", ".intranet", ".home.arpa", ".test", ".example")
"""Names that never leave a network (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`)."""
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    address = _ip(host)
    if address is None:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def is_private_door(host: str) -> bool:
    """Say whether only this machine reaches what listens there; `0.0.0.0` and `::` listen to everybody."""
    address = _ip(host)
    return is_loopback(host) and (address is None or not address.is_unspecified)


def is_near(host: str) -> bool:
    """Say whether a host is this machine or in a network of one's own: where nobody else can listen in."""
    address = _ip(host)
    if address is None:
        return "." not in host or host.lower().endswith(_OWN_NAMES)
    return is_loopback(host) or (address.is_private and not address.is_link_local)


def find_fault(url: str) -> tuple[str, str] | None:
    """Return what is wrong with an address to call, and the fix; None where nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return "This is no address to call.", "Write https:// and a host."
    if parts.username is not None or parts.password is not None:
        return "An address must not hold a name or password.", "Put them into their own settings."
    if is_link_local(host):
        return "This address belongs to the machine's own network card or cloud.", "Name the system's own address."
    if parts.scheme == "http" and not is_near(host):
        return "A token would travel readable for everybody.", "Write https://; http:// is for your own network only."
    return None


def is_link_local(host: str) -> bool:
    """Say whether an address is of the local link, where clouds serve credentials (169.254.169.254, fd00:ec2::254)."""
    address = _ip(host)
    return address is not None and (address.is_link_local or address == ipaddress.ip_address("fd00:ec2::254"))


def _ip(host: str) -> Ip | None:
    try:
        found = ipaddress.ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found
