"""Kinds of settings: how the text of a variable is parsed, and what is required of it, in words."""

import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from shared.texts import CURRENCIES, TIME_ZONES

Network = IPv4Network | IPv6Network

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_ADDRESS = re.compile(r"([a-z_]+)=(https?://[^\s,/@]+)/?")


class InvalidSettings(Exception):
    """Raised when settings or files are missing or invalid; the message names the variables, one sentence each."""


@dataclass(frozen=True)
class Kind:
    """A kind of setting: `required` completes the sentence "SIHE_X must be …". The value of a secret is not shown."""

    required: str
    parse: Callable[[str], Any]
    known: Collection[str] = ()
    is_secret: bool = False

    def read(self, variable: str, given: str) -> Any:
        """Return the value of a variable. Raises InvalidSettings with a sentence that states what is required."""
        try:
            return self.parse(given)
        except (ValueError, LookupError, OSError):
            shown = "" if self.is_secret else f", not {given!r}"
            sentence = f"{variable} must be {self.required}{shown}.{advice(given, self.known)}"
            raise InvalidSettings(sentence) from None


def advice(given: str, known: Collection[str]) -> str:
    """Return which known name is probably meant, as a sentence after a blank; empty if none is near."""
    of_last_part = [each for each in known if each.rpartition("/")[2].lower() == given.lower()]
    nearest = of_last_part or get_close_matches(given, known, n=1)
    return f" Did you mean {min(nearest)}?" if nearest else ""


def _whole(lowest: int, highest: int | None = None) -> Callable[[str], int]:
    def parse(given: str) -> int:
        number = int(given)
        if number < lowest or (highest is not None and number > highest):
            raise ValueError(given)
        return number

    return parse


def _parse_seconds(given: str) -> float:
    seconds = float(given)
    if not 0 < seconds < float("inf"):
        raise ValueError(given)
    return seconds


def _one_of(names: Collection[str]) -> Callable[[str], str]:
    def parse(given: str) -> str:
        if given not in names:
            raise ValueError(given)
        return given

    return parse


def _matching(pattern: str) -> Callable[[str], str]:
    def parse(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(given)
        return given

    return parse


def _to_path(given: str) -> Path:
    if not given or "\0" in given:
        raise ValueError(given)
    return Path(given).expanduser().absolute()


def _parse_addresses(given: str) -> Mapping[str, str]:
    """Return `crm=http://…,erp=http://…` as a mapping."""
    found = [_ADDRESS.fullmatch(each.strip()) for each in given.split(",") if each.strip()]
    if None in found:
        raise ValueError(given)
    return MappingProxyType({each[1]: each[2] for each in found if each})


def _parse_origins(given: str) -> tuple[str, ...]:
    """Return origins as browsers send them: in lower case and without a path."""
    origins = tuple(each.strip() for each in given.split(",") if each.strip())
    if not all(map(_ORIGIN.fullmatch, origins)):
        raise ValueError(given)
    return origins


def _parse_networks(given: str) -> tuple[Network, ...]:
    return tuple(ip_network(each.strip()) for each in given.split(",") if each.strip())


MIN_ADMIN_KEY_LENGTH = 16
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

TEXT = Kind("a text that is not empty", _matching(r"\S(.*\S)?"))
FOLDER_OR_FILE = Kind("a path", _to_path)
DATABASE = Kind("sqlite:///<file> or postgresql://…", _matching(r"sqlite:///.+|postgres(ql)?://.+"), is_secret=True)
FILE_DATABASE = Kind("sqlite:///<file>", _matching(r"sqlite:///.+"))
BROKER = Kind("nats://host:port", _matching(r"(nats|tls)://[^\s/]+"), is_secret=True)
PORT = Kind("a port number from 0 to 65535", _whole(0, 65_535))
HANDLE = Kind("a file descriptor, a number from 0", _whole(0))
COUNT = Kind("a whole number from 1", _whole(1))
COPIES = Kind("a whole number from 1 to 5", _whole(1, 5))
SECONDS = Kind("a number of seconds above 0", _parse_seconds)
ADDRESSES = Kind("a list such as crm=http://host:port,erp=http://host:port", _parse_addresses)
ORIGINS = Kind(
    "a list of origins in lower case without a path, such as https://shop.example,http://localhost:5173", _parse_origins
)
NETWORKS = Kind("a list of networks such as 10.0.0.0/8,::1/128", _parse_networks)
ADMIN_KEY = Kind(
    f"{MIN_ADMIN_KEY_LENGTH} characters or more; leave it unset to have a key generated",
    _matching(rf"|\S.{{{MIN_ADMIN_KEY_LENGTH - 2},}}\S"),
    is_secret=True,
)
TIME_ZONE = Kind(
    "an IANA time zone such as Europe/Berlin", lambda given: ZoneInfo(_one_of(TIME_ZONES)(given)), known=TIME_ZONES
)
CURRENCY = Kind("an ISO 4217 currency code such as EUR", _one_of(CURRENCIES), known=CURRENCIES)
LOG_LEVEL = Kind(
    ", ".join(LOG_LEVELS[:-1]) + f" or {LOG_LEVELS[-1]}",
    lambda given: _one_of(logging.getLevelNamesMapping())(given.upper()),
    known=LOG_LEVELS,
)
