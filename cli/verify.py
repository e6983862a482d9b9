"""Is an export of the history what was recorded? Finds events edited, deleted, inserted, swapped, cut or rewritten.

    python verify.py FILE [--key SERVICE=HEX ...] [--checkpoint FILE ...]

--key         the service's public key as you know it (the end of each line below shows the one in the export)
--checkpoint  checkpoints you kept elsewhere, one JSON document a line: they find what was rewritten and signed anew,
              and an older export shown as the newest

Ends with 0 if nothing was changed, 1 if something was (the first change of each log is named), 2 if it cannot tell.
It stands alone on purpose: it needs Python 3.11 and the library `cryptography`, and can be read.

An entry is position, aggregate, version, microsecond of recording, length of the type, type and SHA-256 of the state.
Chain: h(n) = SHA-256(h(n-1) entry), h(0) = SHA-256("service:epoch"). Root: RFC 6962 over the entries. A checkpoint
signs service, epoch, position, h, root and time with Ed25519.
"""

import json
import re
import struct
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NUMBERS = {"position": int, "version": int, "recorded_at_us": int}
EVENT = dict.fromkeys(("aggregate", "type", "state", "chain"), str) | NUMBERS
CHECKPOINT = dict.fromkeys(("service", "epoch", "head", "root", "at", "key", "signature"), str) | {"position": int}
WORDS = "sihe checkpoint 1\n{service}\n{epoch}\n{position}\n{head}\n{root}\n{at}\n"
PLACE = struct.Struct(">Q16sIqH")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Document = dict[str, Any]


class Tampered(Exception):
    """Something is not what was recorded; the message names it."""


@dataclass
class Log:
    """One service's log as it is read, event after event."""

    service: str
    epoch: str
    key: str
    due: dict[int, list[tuple[Document, str]]] = field(default_factory=dict)
    position: int = 0
    proven: dict[str, int] = field(default_factory=dict)
    recorded_at_us: int = -(2**63)
    proven_at: str = ""
    peaks: list[bytes] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.head = sha256(f"{self.service}:{self.epoch}".encode()).digest()

    def take_checkpoint(self, told: Document) -> None:
        _judge_shape(told, {"checkpoint": dict, "held_by": str}, "a checkpoint")
        signed, holder = told["checkpoint"], told["held_by"]
        where = f"the checkpoint at event {signed.get('position')} held by {holder}"
        _judge_shape(signed, CHECKPOINT, where)
        if (signed["service"], signed["epoch"], signed["key"]) != (self.service, self.epoch, self.key):
            raise Tampered(f"{where} is of another log, or signed with another key")
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(signed["signature"]), WORDS.format(**signed).encode())
        except (InvalidSignature, ValueError):
            raise Tampered(f"{where} is not signed by the service") from None
        self.due.setdefault(signed["position"], []).append((signed, holder))
        if signed["position"] < self.position:
            raise Tampered(f"{where} stands behind its event")
        self._meet_checkpoints()

    def take_event(self, told: Document) -> None:
        expected = self.position + 1
        _judge_shape(told, EVENT, f"event {expected}")
        if told["position"] != expected:
            raise Tampered(f"event {expected} is missing or not in its place: event {told['position']} stands there")
        entry = _entry(told)
        self.head = sha256(self.head + entry).digest()
        if told["chain"] != self.head.hex():
            raise Tampered(f"event {expected} ({told['type']}) is not what was recorded")
        self._judge_order(told)
        self._grow(sha256(b"\0" + entry).digest())
        self.position = expected
        self._meet_checkpoints()

    def finished(self) -> str:
        """What this log proves, if nothing is missing at its end, and the end is signed."""
        for position, ((signed, holder), *_) in sorted(self.due.items()):
            there = f"the checkpoint of {signed['at']} held by {holder} knows {position}"
            raise Tampered(f"event {self.position + 1} is missing: {there}")
        if (proven := max(self.proven.values(), default=-1)) < self.position:
            raise Tampered(f"event {max(proven, 0) + 1} and those after it are signed by nobody")
        return f"{self.service}: {self.position:,} events, the last signed {self.proven_at}, key {self.key}"

    def _judge_order(self, told: Document) -> None:
        version, before = told["version"], self.versions.get(told["aggregate"], 0)
        if version != before + 1 or told["recorded_at_us"] < self.recorded_at_us:
            raise Tampered(f"event {told['position']} ({told['type']}), version {version}, is out of its order")
        self.versions[told["aggregate"]], self.recorded_at_us = version, told["recorded_at_us"]

    def _grow(self, root: bytes) -> None:
        place = self.position
        while place & 1:
            root, place = sha256(b"\1" + self.peaks.pop() + root).digest(), place >> 1
        self.peaks.append(root)

    def _root(self) -> bytes:
        *larger, root = self.peaks or [sha256(b"").digest()]
        for each in reversed(larger):
            root = sha256(b"\1" + each + root).digest()
        return root

    def _meet_checkpoints(self) -> None:
        if self.position not in self.due:
            return
        now = self.head.hex(), self._root().hex()
        for signed, holder in self.due.pop(self.position):
            if (signed["head"], signed["root"]) != now:
                proven = self.proven.get(holder, 0)
                changed = f"event {proven + 1} or one after it, up to {self.position}, was rewritten"
                raise Tampered(f"{changed}: the checkpoint of {signed['at']} held by {holder} differs")
            self.proven[holder], self.proven_at = self.position, signed["at"]


class Judge:
    """Reads an export line by line. `faults` are the first change of each log, `sound` what every other log proves."""

    def __init__(self, keys: Mapping[str, str], kept: Sequence[Document]) -> None:
        self.faults, self.sound = list[str](), list[str]()
        self._keys, self._kept, self._seen = keys, kept, set[str]()
        self._log: Log | None = None

    def read(self, line: bytes, number: int) -> None:
        """The next line; what follows in a log that was changed is of no interest."""
        try:
            told = _document(line, number)
            if number == 1:
                _judge_shape(told, {"sihe": str, "format": int, "made_at": str}, "the first line")
            elif "log" in told:
                self.close()
                self._open(told)
            elif self._log is not None:
                self._log.take_checkpoint(told) if "checkpoint" in told else self._log.take_event(told)
            elif not self.faults:
                raise Tampered(f"line {number} belongs to no log")
        except Tampered as change:
            self._blame(change)

    def close(self) -> None:
        try:
            self.sound += [self._log.finished()] if self._log else []
        except Tampered as change:
            self._blame(change)
        self._log = None

    def judge_end(self, end: bytes, lines: int, digest: str) -> None:
        """The last line tells how many there are before it, and their digest; every kept checkpoint found its log."""
        told = json.dumps({"end": {"lines": lines, "sha256": digest}}, separators=(",", ":")).encode() + b"\n"
        if end != told and not self.faults:
            self.faults.append("export: the last line is not that of the others: something was cut off or altered")
        absent = {str(each.get("service")) for each in self._kept} - self._seen
        self.faults += [f"{service}: you hold a checkpoint of it, but it is not there" for service in sorted(absent)]

    def _open(self, told: Document) -> None:
        _judge_shape(told, {"log": str, "epoch": str, "key": str}, "the beginning of a log")
        log = self._log = Log(told["log"], told["epoch"], told["key"])
        if log.service in self._seen:
            raise Tampered("this log is there twice")
        self._seen.add(log.service)
        if self._keys.get(log.service, log.key) != log.key:
            raise Tampered("this log names another key than the one you know")
        for each in self._kept:
            if each.get("service") == log.service:
                log.take_checkpoint({"checkpoint": each, "held_by": "you"})

    def _blame(self, change: Tampered) -> None:
        self.faults.append(f"{self._log.service if self._log else 'export'}: {change}")
        self._log = None


def verify(content: Iterable[bytes], keys: Mapping[str, str] | None = None, kept: Sequence[Document] = ()) -> Judge:
    """Judge the lines of an export, with keys known and checkpoints kept elsewhere."""
    judge, digest, line, number = Judge(keys or {}, kept), sha256(), b"", -1
    for number, following in enumerate(content):
        if number:
            judge.read(line, number)
            digest.update(line)
        line = following
    judge.close()
    judge.judge_end(line, number, digest.hexdigest())
    return judge


def _document(line: bytes, number: int) -> Document:
    try:
        return dict(json.loads(line, object_pairs_hook=_each_once).items())
    except (ValueError, AttributeError, RecursionError) as wrong:
        raise Tampered(f"line {number} cannot be read: {wrong}") from None


def _each_once(members: list[tuple[str, Any]]) -> Document:
    if len(dict(members)) < len(members):
        raise ValueError("a name stands there twice")
    return dict(members)


def _judge_shape(told: Document, shape: Mapping[str, type], what: str) -> None:
    if told.keys() != shape.keys() or any(type(told[name]) is not kind for name, kind in shape.items()):
        raise Tampered(f"{what} is not as one is written")


def _entry(told: Document) -> bytes:
    try:
        kind, state = told["type"].encode(), told["state"].encode()
        if not ID.fullmatch(told["aggregate"]):
            raise ValueError
        aggregate = bytes.fromhex(told["aggregate"].replace("-", ""))
        place = PLACE.pack(told["position"], aggregate, told["version"], told["recorded_at_us"], len(kind))
    except (ValueError, struct.error):
        raise Tampered(f"event {told['position']} holds what cannot be recorded") from None
    return bytes(place + kind + sha256(state).digest())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(prog="verify", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], metavar="SERVICE=HEX")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    try:
        lines = (line for file in asked.checkpoint for line in file.read_bytes().splitlines())
        kept = [told.get("checkpoint", told) for told in map(json.loads, lines)]
        with asked.file.open("rb") as export:
            judge = verify(export, dict(each.split("=", 1) for each in asked.key), kept)
    except (OSError, ValueError, AttributeError) as wrong:
        print(f"cannot verify: {wrong}", file=sys.stderr)
        return 2
    print(*(f"CHANGED  {each}" for each in judge.faults), *(f"sound    {each}" for each in judge.sound), sep="\n")
    return 1 if judge.faults or not judge.sound else 0


if __name__ == "__main__":
    sys.exit(main())
