"""Verify an export of the event logs: finds events edited, deleted, inserted, reordered, cut off or rewritten.

    python verify.py FILE [--key SERVICE=HEX ...] [--checkpoint FILE ...]

--key         public key known from another source (each line of the result ends with the key in the export)
--checkpoint  checkpoints you stored, one JSON document a line: they detect a rewritten log and an outdated export

A pack (`sihe audit sample`) is a ZIP file: its manifest has the digest of every file in it, its export is verified, and
the events of each record must be lines of that export. Documents and traces are views of these events: note the digest
of the manifest, which is printed, to know later that they are the same.

Exit status: 0 unchanged, 1 changed (names the first change of each log), 2 not verifiable. Needs Python 3.11 and no
library; `cryptography` makes it faster where it is installed.

An entry is position, aggregate, version, microsecond of recording, length of the type, type, SHA-256 of the state and,
if the event published anything, of that.
Chain: h(n) = SHA-256(h(n-1) entry), h(0) = SHA-256("service:epoch"). Root: RFC 6962 over the entries. A checkpoint
signs service, epoch, position, h, root and time with Ed25519 (RFC 8032). Every checkpoint that any service holds is in
the export: a log that is shorter than one of them, or has another epoch or key, was changed.
"""

import json
import re
import struct
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import file_digest, sha256, sha512
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    HAS_LIBRARY = True
except ImportError:
    HAS_LIBRARY = False

POSITION = {"position": int}
NUMBERS = POSITION | {"version": int, "recorded_at_us": int}
EVENT_MEMBERS = dict.fromkeys(("aggregate", "type", "state", "published", "chain"), str) | NUMBERS
CHECKPOINT_MEMBERS = dict.fromkeys(("service", "epoch", "head", "root", "at", "key", "signature"), str) | POSITION
CHECKPOINT_TEXT = "sihe checkpoint 1\n{service}\n{epoch}\n{position}\n{head}\n{root}\n{at}\n"
ENTRY_FORMAT = struct.Struct(">Q16sIqH")
ID_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXPORT_BEGINS = b'{"sihe":"export",'
LOG_BEGINS = b'{"log":'
PACKED_EVENTS = re.compile(r"records/[0-9]+/events/([a-z]+)\.jsonl")
Document = dict[str, Any]
Point = tuple[int, int, int, int]


class Tampered(Exception):
    """Raised when the export differs from what was recorded; the message names the first change."""


@dataclass
class LogVerifier:
    """Verifies the log of one service, event by event."""

    service: str
    epoch: str
    key: str
    pending_checkpoints: dict[int, list[tuple[Document, str]]] = field(default_factory=dict)
    position: int = 0
    proven_positions: dict[str, int] = field(default_factory=dict)
    recorded_at_us: int = -(2**63)
    proven_at: str = ""
    peaks: list[bytes] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.head = sha256(f"{self.service}:{self.epoch}".encode()).digest()

    def add_checkpoint(self, checkpoint: Document) -> None:
        _require_shape(checkpoint, {"checkpoint": dict, "held_by": str}, "a checkpoint")
        signed, holder = checkpoint["checkpoint"], checkpoint["held_by"]
        where = f"the checkpoint at event {signed.get('position')} held by {holder}"
        _require_shape(signed, CHECKPOINT_MEMBERS, where)
        if signed["service"] != self.service:
            raise Tampered(f"{where} belongs to another log")
        if signed["epoch"] != self.epoch:
            raise Tampered(f"{where} was signed in epoch {signed['epoch']}: the log was replaced by a new one")
        if signed["key"] != self.key:
            raise Tampered(f"{where} is signed with another key")
        if not is_signed(self.key, signed["signature"], CHECKPOINT_TEXT.format(**signed).encode()):
            raise Tampered(f"{where} is not signed by the service")
        self.pending_checkpoints.setdefault(signed["position"], []).append((signed, holder))
        if signed["position"] < self.position:
            raise Tampered(f"{where} is placed after its event")
        self._verify_checkpoints()

    def add_event(self, event: Document) -> None:
        expected = self.position + 1
        _require_shape(event, EVENT_MEMBERS, f"event {expected}")
        if event["position"] != expected:
            raise Tampered(f"event {expected} is missing or out of order: found event {event['position']}")
        entry = _entry_bytes(event)
        self.head = sha256(self.head + entry).digest()
        if event["chain"] != self.head.hex():
            raise Tampered(f"event {expected} ({event['type']}) does not match the hash chain")
        self._require_order(event)
        self._append_peak(sha256(b"\0" + entry).digest())
        self.position = expected
        self._verify_checkpoints()

    def conclusion(self) -> str:
        """Return the result for a valid log. Raises Tampered if its end is missing or not signed."""
        for position, ((_, holder), *_) in sorted(self.pending_checkpoints.items()):
            raise Tampered(f"event {self.position + 1} is missing: checkpoint held by {holder} is at event {position}")
        if (proven := max(self.proven_positions.values(), default=-1)) < self.position:
            raise Tampered(f"event {max(proven, 0) + 1} and later events are not covered by a signed checkpoint")
        return f"{self.service}: {self.position:,} events, the last signed {self.proven_at}, key {self.key}"

    def _require_order(self, event: Document) -> None:
        version, previous = event["version"], self.versions.get(event["aggregate"], 0)
        if version != previous + 1 or event["recorded_at_us"] < self.recorded_at_us:
            raise Tampered(f"event {event['position']} ({event['type']}), version {version}, is out of order")
        self.versions[event["aggregate"]], self.recorded_at_us = version, event["recorded_at_us"]

    def _append_peak(self, root: bytes) -> None:
        index = self.position
        while index & 1:
            root, index = sha256(b"\1" + self.peaks.pop() + root).digest(), index >> 1
        self.peaks.append(root)

    def _root(self) -> bytes:
        *larger, root = self.peaks or [sha256(b"").digest()]
        for each in reversed(larger):
            root = sha256(b"\1" + each + root).digest()
        return root

    def _verify_checkpoints(self) -> None:
        if self.position not in self.pending_checkpoints:
            return
        computed = self.head.hex(), self._root().hex()
        for signed, holder in self.pending_checkpoints.pop(self.position):
            if (signed["head"], signed["root"]) != computed:
                proven = self.proven_positions.get(holder, 0)
                changed = f"event {proven + 1} or a later one up to {self.position} was rewritten"
                raise Tampered(f"{changed}: the checkpoint of {signed['at']} held by {holder} differs")
            self.proven_positions[holder], self.proven_at = self.position, signed["at"]


class ExportVerifier:
    """Verifies an export line by line. `faults`: the first change of each changed log; `sound`: the valid logs."""

    def __init__(self, keys: Mapping[str, str], known_checkpoints: Sequence[Document]) -> None:
        self.faults, self.sound = list[str](), list[str]()
        self._keys, self._kept, self._seen = keys, known_checkpoints, set[str]()
        self._log: LogVerifier | None = None

    def read(self, line: bytes, number: int) -> None:
        """Verify the next line; the rest of a log is skipped after its first change."""
        try:
            document = _document(line, number)
            if number == 1:
                _require_shape(document, {"sihe": str, "format": int, "made_at": str}, "the first line")
            elif "log" in document:
                self.close()
                self._open_log(document)
            elif self._log is not None:
                self._log.add_checkpoint(document) if "checkpoint" in document else self._log.add_event(document)
            elif not self.faults:
                raise Tampered(f"line {number} belongs to no log")
        except Tampered as change:
            self._record_fault(change)

    def close(self) -> None:
        try:
            self.sound += [self._log.conclusion()] if self._log else []
        except Tampered as change:
            self._record_fault(change)
        self._log = None

    def verify_end(self, end: bytes, lines: int, digest: str) -> None:
        """Verify the last line (number and digest of the others) and that each known checkpoint has its log."""
        expected = json.dumps({"end": {"lines": lines, "sha256": digest}}, separators=(",", ":")).encode() + b"\n"
        if end != expected and not self.faults:
            self.faults.append("export: the last line does not match the content: lines were removed or altered")
        absent = {str(each.get("service")) for each in self._kept} - self._seen
        self.faults += [f"{service}: log missing, but you hold a checkpoint of it" for service in sorted(absent)]

    def _open_log(self, document: Document) -> None:
        _require_shape(document, {"log": str, "epoch": str, "key": str}, "the beginning of a log")
        log = self._log = LogVerifier(document["log"], document["epoch"], document["key"])
        if log.service in self._seen:
            raise Tampered("duplicate log")
        self._seen.add(log.service)
        if self._keys.get(log.service, log.key) != log.key:
            raise Tampered("signed with another key than the one given with --key")
        for each in self._kept:
            if each.get("service") == log.service:
                log.add_checkpoint({"checkpoint": each, "held_by": "you"})

    def _record_fault(self, change: Tampered) -> None:
        self.faults.append(f"{self._log.service if self._log else 'export'}: {change}")
        self._log = None


def verify(
    content: Iterable[bytes], keys: Mapping[str, str] | None = None, known_checkpoints: Sequence[Document] = ()
) -> ExportVerifier:
    """Verify the lines of an export with known keys and checkpoints kept elsewhere."""
    verifier, digest, line, number = ExportVerifier(keys or {}, known_checkpoints), sha256(), b"", -1
    for number, following in enumerate(content):
        if number:
            verifier.read(line, number)
            digest.update(line)
        line = following
    verifier.close()
    verifier.verify_end(line, number, digest.hexdigest())
    return verifier


def verify_pack(pack: ZipFile, keys: Mapping[str, str], known_checkpoints: Sequence[Document] = ()) -> ExportVerifier:
    """Verify a pack: its export, that the events of the records are in it, and every file by the manifest."""
    lines: set[tuple[str, bytes]] = set()
    with pack.open("export.jsonl") as export:
        result = verify(_kept_lines(export, lines), keys, known_checkpoints)
    result.faults += _changed_files(pack)
    for name in sorted(pack.namelist()):
        if found := PACKED_EVENTS.fullmatch(name):
            own = {(found[1], sha256(line).digest()) for line in pack.read(name).splitlines(keepends=True)}
            result.faults += [] if own <= lines else [f"pack: {name} has an event that is not in the export"]
    changed, manifest = _changed_files(pack), sha256(pack.read("manifest.json")).hexdigest()
    result.faults += changed
    result.sound += [] if changed else [f"pack: {len(pack.namelist()):,} files, SHA-256 of the manifest {manifest}"]
    return result


def _kept_lines(export: Iterable[bytes], lines: set[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield the lines of an export, and keep the digest of each with its log."""
    log = ""
    for line in export:
        if line.startswith(LOG_BEGINS):
            log = str(json.loads(line).get("log"))
        lines.add((log, sha256(line).digest()))
        yield line


def _changed_files(pack: ZipFile) -> list[str]:
    """Return what is wrong with the files of a pack by its manifest."""
    expected, found = dict(json.loads(pack.read("manifest.json"))["files"]), pack.namelist()
    wrong = [f"pack: {name} is missing" for name in sorted(expected.keys() - {*found})]
    wrong += [f"pack: {name} is not in the manifest" for name in sorted({*found} - expected.keys() - {"manifest.json"})]
    wrong += [f"pack: {name} is there twice" for name in sorted({*found}) if found.count(name) > 1]
    for name in sorted(expected.keys() & {*found}):
        with pack.open(name) as file:
            if file_digest(file, "sha256").hexdigest() != expected[name]:  # type: ignore[arg-type]  # it reads bytes
                wrong.append(f"pack: {name} was changed")
    return wrong


def _document(line: bytes, number: int) -> Document:
    try:
        return dict(json.loads(line, object_pairs_hook=_reject_duplicates).items())
    except (ValueError, AttributeError, RecursionError) as error:
        raise Tampered(f"line {number} cannot be read: {error}") from None


def _reject_duplicates(members: list[tuple[str, Any]]) -> Document:
    if len(dict(members)) < len(members):
        raise ValueError("duplicate member")
    return dict(members)


def _require_shape(document: Document, shape: Mapping[str, type], description: str) -> None:
    if document.keys() != shape.keys() or any(type(document[name]) is not kind for name, kind in shape.items()):
        raise Tampered(f"{description} has an invalid structure")


def _entry_bytes(event: Document) -> bytes:
    try:
        kind, state, published = event["type"].encode(), event["state"].encode(), bytes.fromhex(event["published"])
        if not ID_PATTERN.fullmatch(event["aggregate"]) or len(published) not in (0, 32):
            raise ValueError
        aggregate = bytes.fromhex(event["aggregate"].replace("-", ""))
        header = ENTRY_FORMAT.pack(event["position"], aggregate, event["version"], event["recorded_at_us"], len(kind))
    except (ValueError, struct.error):
        raise Tampered(f"event {event['position']} contains invalid values") from None
    return bytes(header + kind + sha256(state).digest() + published)


# -- Ed25519 (RFC 8032, section 5.1.7) on extended coordinates

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
NEUTRAL: Point = (0, 1, 1, 0)


@lru_cache(100_000)
def is_signed(key: str, signature: str, text: bytes) -> bool:
    """Return whether the signature of this text by this public key is valid; both in hex."""
    try:
        return _verify_signature(bytes.fromhex(key), bytes.fromhex(signature), text)
    except ValueError:
        return False


def _verify_with_library(key: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _verify_here(key: bytes, signature: bytes, text: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False
    expected, scalar = _point(signature[:32]), int.from_bytes(signature[32:], "little")
    x, y, z, t = _point(key)
    challenge = int.from_bytes(sha512(signature[:32] + key + text).digest(), "little") % ORDER
    found = _sum_of_multiples(scalar, BASE, challenge, (-x, y, z, -t))
    same_x = (found[0] * expected[2] - expected[0] * found[2]) % PRIME == 0
    return scalar < ORDER and same_x and (found[1] * expected[2] - expected[1] * found[2]) % PRIME == 0


def _point(encoded: bytes) -> Point:
    """Decode a point. Raises ValueError if there is none."""
    sign, y = encoded[31] >> 7, int.from_bytes(encoded, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if y >= PRIME or (x * x - square) % PRIME or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c, d = 2 * one[3] * other[3] * CURVE % PRIME, 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _sum_of_multiples(times: int, one: Point, others: int, other: Point) -> Point:
    addends, total = (NEUTRAL, one, other, _add(one, other)), NEUTRAL
    for bit in reversed(range(max(times.bit_length(), others.bit_length()))):
        total = _add(total, total)
        if chosen := times >> bit & 1 | (others >> bit & 1) << 1:
            total = _add(total, addends[chosen])
    return total


BASE = _point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


_verify_signature = _verify_with_library if HAS_LIBRARY else _verify_here


def _verify_file(path: Path, keys: Mapping[str, str], kept: Sequence[Document]) -> ExportVerifier:
    if is_zipfile(path):
        with ZipFile(path) as pack:
            return verify_pack(pack, keys, kept)
    with path.open("rb") as export:
        if export.read(len(EXPORT_BEGINS)) != EXPORT_BEGINS:
            raise ValueError("This is not a Sihe export.")
        export.seek(0)
        return verify(export, keys, kept)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(prog="verify", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], metavar="SERVICE=HEX")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        lines = (line for file in options.checkpoint for line in file.read_bytes().splitlines())
        kept = [document.get("checkpoint", document) for document in map(json.loads, lines)]
        keys = dict(each.split("=", 1) for each in options.key)
        result = _verify_file(options.file, keys, kept)
    except (OSError, ValueError, AttributeError, KeyError, TypeError, BadZipFile) as error:
        print(f"Cannot verify {options.file}: {error}", file=sys.stderr)
        return 2
    print(*(f"CHANGED  {each}" for each in result.faults), *(f"sound    {each}" for each in result.sound), sep="\n")
    return 1 if result.faults or not result.sound else 0


if __name__ == "__main__":
    sys.exit(main())
