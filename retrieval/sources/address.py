"""Which addresses may be fetched: public web pages, and nothing that only this machine or its network can reach.

A URL is refused by its form when two parsers could read two hosts from it, by its host when that is an address or a
name of an internal place, and by its resolved addresses when any of them is not public.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address

from yarl import URL

from retrieval.errors import FootnoteError

LONGEST_URL = 2_048
PORTS = frozenset({80, 443})
# Names that never lead to the public web: RFC 6761, RFC 8375, RFC 9476, and what clouds and routers use inside.
_INTERNAL = re.compile(
    r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|invalid|test|onion|alt"
    r"|arpa)$",
    re.IGNORECASE,
)
# White space, control characters, a backslash or delimiters that URLs do not hold: parsers repair them differently.
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\x9f\\<>\"{}|^`\u2028\u2029]")
_WELL_FORMED = re.compile(r"https?://(?P<authority>[^/?#]+)(?:[/?#]|$)", re.IGNORECASE)
# A host whose last label is a number is an IPv4 address to browsers, in any base (WHATWG URL, "ends in a number").
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
# IETF protocol assignments, and what was the relay of 6to4: Python before 3.13 calls the larger part of both public.
_SPECIAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class AddressRefused(FootnoteError):
    """The URL may not be fetched; the sentence says why."""


def public_url(text: str) -> URL:
    """The URL, if its form and host may be fetched. Raises AddressRefused before anything is resolved."""
    text = text.strip()
    if len(text) > LONGEST_URL:
        raise AddressRefused("That address is too long.")
    match = _WELL_FORMED.match(text)
    if match is None:
        raise AddressRefused("Only addresses that begin with http:// or https:// can be read.")
    if _UNSAFE.search(text) or "@" in match["authority"] or "%" in match["authority"]:
        raise AddressRefused("That address is ambiguous (it holds a user name, a backslash or a space).")
    if unicodedata.normalize("NFKC", match["authority"]) != match["authority"]:
        raise AddressRefused("That address spells its host with look-alike characters.")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError as error:
        raise AddressRefused(f"That is not a web address ({error}).") from error
    if not host or port not in PORTS:
        raise AddressRefused("Only the usual web ports, 80 and 443, can be read.")
    _check_host(host)
    return url.with_fragment(None)


def check_addresses(host: str, addresses: list[str]) -> None:
    """Raise AddressRefused unless every resolved address is public; one private answer among many is a trick."""
    if not addresses or not all(is_public(ipaddress.ip_address(address.split("%")[0])) for address in addresses):
        raise _internal(host)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Is the address on the public internet, whatever it is wrapped in?"""
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is None and address.teredo is not None:
            embedded = address.teredo[1]
        if embedded is None and any(address in network for network in _NAT64):
            embedded = IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
        # The long-deprecated forms ::a.b.c.d and fec0::/10 are not covered by is_global.
        if int(address) >> 32 == 0 or address.is_site_local:
            return False
    elif any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_host(host: str) -> None:
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if _ENDS_IN_NUMBER.search(host):
            raise AddressRefused("That address is an IP address in an unusual spelling.") from None
        if "." not in host.rstrip(".") or _INTERNAL.search(host.rstrip(".")):
            raise _internal(host) from None
        return
    if not is_public(literal):
        raise _internal(host)


def _internal(host: str) -> AddressRefused:
    return AddressRefused(f"{host} is not on the public web, so it is not read.")
