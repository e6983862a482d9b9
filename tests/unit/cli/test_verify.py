"""The verifier finds every change made to an export, names the first event, and reports no fault in a sound export."""

import ast
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli import verify as program
from cli.verify import ExportVerifier, verify
from services.srm.service import Srm
from shared.chain.checkpoint import Checkpoint
from shared.chain.hashing import chain_hash, encode_entry, initial_hash
from shared.chain.merkle import leaf_hash, merkle_root
from shared.service import Service
from shared.store import RecordedEvent
from shared.store.sql import from_micros
from shared.testing.services import open_service
from shared.wiring import migrate
from tests.unit.cli.exports import Document, ExportFixture, alter, content_of, events_in, fields_of, samples_of

SERVICES = ("crm", "srm", "scm", "erp", "gateway")
COLUMNS = ("position", "aggregate", "version", "type", "recorded_at_us", "published", "chain")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportFixture]:
    """Logs with every kind of event of every service; the other services hold checkpoints of each log."""
    logs = ExportFixture(tmp_path_factory.mktemp("logs"))
    for service in SERVICES:
        samples = samples_of(service)
        half = len(samples) // 2
        logs.append_events(service, samples[:half])
        logs.sign_checkpoints(service)
        logs.append_events(service, samples[half:])
        logs.append_events(service, samples[:3], aggregate_id=UUID(int=7))
        logs.sign_checkpoints(service)
    yield logs
    logs.close()


@pytest.fixture(scope="module")
def sound(logs: ExportFixture) -> dict[str, list[Document]]:
    return {service: logs.exported(service) for service in SERVICES}


def verified(documents: list[Document], **known: Any) -> ExportVerifier:
    return verify(content_of(documents), **known)


def first_named_position(verifier: ExportVerifier) -> int | None:
    """Return the position of the event that the first fault names."""
    found = re.search(r"event (\d+)", verifier.faults[0]) if verifier.faults else None
    return int(found[1]) if found else None


def with_event(documents: list[Document], position: int, event: Document) -> list[Document]:
    return [event if each.get("position") == position else each for each in documents]


# -- tampering


def edits(documents: list[Document]) -> Iterator[tuple[list[Document], int]]:
    """Yield the export with one field of an event or one column changed, each of them once."""
    for position, event in events_in(documents).items():
        state = json.loads(event["state"])
        for path in fields_of(state):
            changed = json.dumps(alter(state, path), ensure_ascii=False, separators=(",", ":"))
            yield with_event(documents, position, event | {"state": changed}), position
        for column in COLUMNS:
            yield with_event(documents, position, alter(event, (column,))), position


def deletion(documents: list[Document], chance: random.Random) -> tuple[list[Document], int]:
    position = chance.choice(list(events_in(documents)))
    return [each for each in documents if each.get("position") != position], position


def insertion(documents: list[Document], chance: random.Random) -> tuple[list[Document], int]:
    """Insert a plausible event and move all later events by one position."""
    position = chance.choice(list(events_in(documents)))
    forged = events_in(documents)[position] | {"aggregate": str(uuid4()), "version": 1}
    place = documents.index(events_in(documents)[position])
    later = [each | {"position": each["position"] + 1} for each in documents[place:]]
    return [*documents[:place], forged, *later], position


def swap(documents: list[Document], chance: random.Random) -> tuple[list[Document], int]:
    first, second = sorted(chance.sample(list(events_in(documents)), 2))
    events = events_in(documents)
    if chance.random() < 0.5:  # exchange the contents, too, but keep positions and hashes
        return with_event(
            with_event(documents, first, events[second] | {"position": first, "chain": events[first]["chain"]}),
            second, events[first] | {"position": second, "chain": events[second]["chain"]},
        ), first  # fmt: skip
    other = {first: events[second], second: events[first]}
    return [other.get(each.get("position", 0), each) for each in documents], first


def cut(documents: list[Document], chance: random.Random) -> tuple[list[Document], int]:
    """Leave out the end."""
    position = chance.choice(list(events_in(documents)))
    return [each for each in documents if each.get("position", 0) < position], position


def rewriting(documents: list[Document], chance: random.Random) -> tuple[list[Document], int]:
    """Change one event and recompute the chain from there."""
    position = chance.choice(list(events_in(documents)))
    event = events_in(documents)[position]
    state = json.loads(event["state"])
    changed = json.dumps(alter(state, chance.choice(list(fields_of(state)))), ensure_ascii=False)
    return with_new_chain(with_event(documents, position, event | {"state": changed})), position


def with_new_chain(documents: list[Document]) -> list[Document]:
    log = next(each for each in documents if "log" in each)
    before, chained = initial_hash(log["log"], log["epoch"]), []
    for each in documents:
        if "position" in each:
            before = chain_hash(before, encode_entry(recorded(each)))
            each = each | {"chain": before.hex()}
        chained.append(each)
    return chained


def recorded(event: Document) -> RecordedEvent:
    return RecordedEvent(
        event["position"], UUID(event["aggregate"]), event["version"], event["type"],
        from_micros(event["recorded_at_us"]), event["state"].encode(),
        bytes.fromhex(event["published"]),
    )  # fmt: skip


def with_new_signatures(documents: list[Document], key: Ed25519PrivateKey) -> list[Document]:
    """Recompute every checkpoint for the current events and sign it with this key."""
    events = events_in(documents)
    public = key.public_key().public_bytes_raw().hex()

    def signed(document: Document) -> Document:
        position = document["checkpoint"]["position"]
        root = merkle_root(leaf_hash(encode_entry(recorded(events[each]))) for each in range(1, position + 1))
        checkpoint = Checkpoint(
            **document["checkpoint"]
            | {"head": events[position]["chain"], "root": root.hex(), "key": public, "signature": ""}
        )
        signature = key.sign(checkpoint.signed_bytes).hex()
        return document | {
            "checkpoint": {n: getattr(checkpoint, n) for n in Checkpoint.__slots__} | {"signature": signature}
        }

    return [
        signed(each) if "checkpoint" in each else each | {"key": public} if "log" in each else each
        for each in documents
    ]


RANDOM: dict[str, Callable[..., tuple[list[Document], int]]] = {
    "delete": deletion, "insert": insertion, "swap": swap, "cut": cut, "rewrite": rewriting,
}  # fmt: skip


def test_a_thousand_tampered_exports_are_found_and_the_first_event_is_named(
    sound: dict[str, list[Document]], capsys: pytest.CaptureFixture[str]
) -> None:
    chance, tried, missed = random.Random(1997), dict.fromkeys(["edit", *RANDOM], 0), []
    for service, documents in sound.items():
        for tampered, position in edits(documents):
            verifier = verified(tampered)
            tried["edit"] += 1
            if first_named_position(verifier) != position or verifier.sound:
                missed.append((service, "edit", position, verifier.faults))
    for turn in range(60 * len(RANDOM)):
        kind = list(RANDOM)[turn % len(RANDOM)]
        service = chance.choice(SERVICES)
        tampered, position = RANDOM[kind](sound[service], chance)
        verifier = verified(tampered)
        tried[kind] += 1
        first = first_named_position(verifier)
        if first is None or first > position or (kind != "rewrite" and first != position) or verifier.sound:
            missed.append((service, kind, position, verifier.faults))
    with capsys.disabled():
        print(f"\ntampered exports: {sum(tried.values())} ({tried}), missed: {len(missed)}")
    assert missed == []
    assert sum(tried.values()) >= 1_000
    assert set(tried.values()) != {0}


def test_fifty_sound_exports_have_no_faults(tmp_path: Path) -> None:
    logs, chance = ExportFixture(tmp_path), random.Random(50)
    verifiers = []
    for _ in range(25):
        for service in chance.sample(SERVICES, 2):
            logs.append_events(service, chance.choices(samples_of(service), k=chance.randint(0, 4)))
            if chance.random() < 0.5:
                logs.sign_checkpoints(service)
        kept = [logs.get(f"audit/{service}/checkpoint")["checkpoint"] for service in SERVICES]
        verifiers += [
            verified(logs.exported(chance.choice(SERVICES))),
            verified(logs.exported(*SERVICES), known_checkpoints=kept),
        ]
    assert [verifier.faults for verifier in verifiers] == [[]] * 50
    assert [len(verifier.sound) for verifier in verifiers] == [1, 5] * 25
    logs.close()


def test_an_event_with_a_recomputed_hash_is_found_by_the_next_hash(
    sound: dict[str, list[Document]],
) -> None:
    for position, event in list(events_in(sound["erp"]).items())[:-1]:
        edited = with_event(sound["erp"], position, event | {"state": "{}"})
        fitting = events_in(with_new_chain(edited))[position]["chain"]
        verifier = verified(with_event(edited, position, event | {"state": "{}", "chain": fitting}))
        assert 0 < (first_named_position(verifier) or 0) <= position + 1


def test_a_byte_altered_anywhere_is_found(sound: dict[str, list[Document]]) -> None:
    content = b"".join(content_of(sound["crm"]))
    chance = random.Random(97)
    for _ in range(300):
        place = chance.randrange(len(content))
        byte = bytes([content[place] ^ 1 << chance.randrange(7)])
        altered_content = content[:place] + byte + content[place + 1 :]
        assert verify(altered_content.splitlines(keepends=True)).faults, (place, byte)


# -- by an attacker with all rights and the signing key


def test_a_rewritten_history_signed_with_another_key_is_found_by_the_known_key_or_a_kept_checkpoint(
    sound: dict[str, list[Document]],
) -> None:
    genuine = sound["erp"]
    known = {each["log"]: each["key"] for each in genuine if "log" in each}
    kept = [each["checkpoint"] for each in genuine if "checkpoint" in each][-1:]
    chance = random.Random(3)
    for _ in range(20):
        forged = with_new_signatures(rewriting(genuine, chance)[0], Ed25519PrivateKey.generate())
        assert verified(forged).faults == []
        assert "another key" in verified(forged, keys=known).faults[0]
        assert "another key" in verified(forged, known_checkpoints=kept).faults[0]
        assert verified(genuine, keys=known, known_checkpoints=kept).faults == []


def test_a_rewritten_history_signed_with_the_same_key_is_found_by_a_checkpoint_kept_elsewhere(
    sound: dict[str, list[Document]], logs: ExportFixture
) -> None:
    genuine, chance = sound["scm"], random.Random(4)
    key = logs.services["scm"].chain._signer._private_key
    kept = [each["checkpoint"] for each in genuine if "checkpoint" in each][-1:]
    for _ in range(20):
        tampered, position = rewriting(genuine, chance)
        forged = with_new_signatures(tampered, key)
        assert verified(forged).faults == []
        assert (first_named_position(verified(forged, known_checkpoints=kept)) or position + 1) <= position


def test_an_older_export_shown_as_the_newest_is_found_by_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    logs = ExportFixture(tmp_path)
    logs.append_events("srm", samples_of("srm"))
    older = logs.exported("srm")
    logs.append_events("srm", samples_of("srm"))
    kept = [logs.get("audit/srm/checkpoint")["checkpoint"]]
    assert verified(older).faults == []
    assert f"event {max(events_in(older)) + 1} is missing" in verified(older, known_checkpoints=kept).faults[0]
    assert verified(logs.exported("srm"), known_checkpoints=kept).faults == []
    assert "log missing" in verified(logs.exported("crm"), known_checkpoints=kept).faults[0]
    logs.close()


# -- logs that were cut, replaced or extended in the database: the others hold their checkpoints


@pytest.fixture
def held(tmp_path: Path) -> Iterator[ExportFixture]:
    """The logs of an empty folder; all services hold a checkpoint of the log of SRM."""
    logs = ExportFixture(tmp_path)
    logs.append_events("srm", samples_of("srm"))
    logs.sign_checkpoints("srm")
    yield logs
    logs.close()


def restart_srm(logs: ExportFixture, folder: Path, *lost: str) -> None:
    """Open SRM again without these of its files."""
    srm = logs.services["srm"]
    srm.store.close()
    srm.chain.close()
    for file in (each for name in lost for each in (folder / "srm").glob(f"{name}.db*")):
        file.unlink()
    logs.replace(open_service(Srm, folder) if "events" in lost else reopened(srm, folder))


def reopened(service: Service, folder: Path) -> Service:
    migrate(again := open_service(type(service), folder))
    return again


@pytest.mark.case("X5")
@pytest.mark.parametrize("kept_chain", [True, False], ids=["with its chain", "without its chain"])
def test_a_log_cut_in_the_database_is_shorter_than_a_held_checkpoint(
    held: ExportFixture, tmp_path: Path, kept_chain: bool
) -> None:
    length = held.services["srm"].store.head()
    held.services["srm"].store._connections.get().execute("DELETE FROM events WHERE position>2")  # type: ignore[attr-defined]
    restart_srm(held, tmp_path, *([] if kept_chain else ["chain"]))
    verifier = verified(held.exported("srm"))
    assert verifier.sound == []
    assert re.search(rf"event 3 is missing: checkpoint held by \w+ is at event {length}", verifier.faults[0])


@pytest.mark.case("X5")
def test_a_log_cut_and_continued_differs_from_a_held_checkpoint(held: ExportFixture, tmp_path: Path) -> None:
    store = held.services["srm"].store
    length = store.head()
    store._connections.get().execute("DELETE FROM events WHERE position>2")  # type: ignore[attr-defined]
    store._connections.get().execute("DELETE FROM outbox WHERE position>2")  # type: ignore[attr-defined]
    restart_srm(held, tmp_path, "chain")
    held.append_events("srm", samples_of("srm") * 2)
    verifier = verified(held.exported("srm"))
    assert verifier.sound == []
    assert f"a later one up to {length} was rewritten" in verifier.faults[0]


@pytest.mark.case("X5", "X15")
@pytest.mark.parametrize("events", [0, 50], ids=["empty", "with other events"])
def test_a_log_replaced_by_a_new_one_is_named(held: ExportFixture, tmp_path: Path, events: int) -> None:
    restart_srm(held, tmp_path, "events", "chain", "reports")
    held.append_events("srm", samples_of("srm")[:1] * events)
    verifier = verified(held.exported("srm"))
    assert verifier.sound == []
    assert "the log was replaced by a new one" in verifier.faults[0]


@pytest.mark.case("X5", "X6")
def test_an_event_appended_to_the_database_is_in_the_export_and_named(held: ExportFixture) -> None:
    head = held.services["srm"].store.head()
    held.services["srm"].store._connections.get().execute(  # type: ignore[attr-defined]
        f"""INSERT INTO events SELECT {head}+1, randomblob(16), 1, type, recorded_at, state, published_digest, mac
        FROM events WHERE position={head}"""
    )
    verifier = verified(held.exported("srm"))
    assert f"event {head + 1} " in verifier.faults[0]
    assert verifier.sound == []


# -- the program


def run(*arguments: str, folder: Path, flags: str = "-I") -> "subprocess.CompletedProcess[str]":
    alone = [sys.executable, flags, "verify.py", *arguments]
    return subprocess.run(alone, cwd=folder, capture_output=True, text=True, timeout=300)


def test_the_verifier_runs_as_one_file_without_the_suite(sound: dict[str, list[Document]], tmp_path: Path) -> None:
    source = Path(program.__file__).read_text()
    (tmp_path / "verify.py").write_text(source)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in ([each.name for each in node.names] if isinstance(node, ast.Import) else
                     [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }  # fmt: skip
    assert imported - sys.stdlib_module_names == {"cryptography"}
    assert len(source.splitlines()) <= 400
    (tmp_path / "good").write_bytes(b"".join(content_of(sound["crm"])))
    tampered, position = deletion(sound["crm"], random.Random(1))
    (tmp_path / "bad").write_bytes(b"".join(content_of(tampered)))
    good, bad = run("good", folder=tmp_path), run("bad", folder=tmp_path)
    assert (good.returncode, good.stdout[:10]) == (0, "sound    c")
    assert bad.returncode == 1
    assert f"CHANGED  crm: event {position} is missing" in bad.stdout
    assert run("nowhere", folder=tmp_path).returncode == 2
    assert run("good", "--key", "crm=00", folder=tmp_path).returncode == 1
    kept = [each["checkpoint"] for each in sound["crm"] if "checkpoint" in each]
    (tmp_path / "kept").write_text("\n".join(map(json.dumps, kept)))
    assert run("good", "--checkpoint", "kept", folder=tmp_path).returncode == 0


@pytest.mark.case("U1")
def test_the_verifier_needs_no_library(sound: dict[str, list[Document]], tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text(Path(program.__file__).read_text())
    (tmp_path / "good").write_bytes(b"".join(content_of(sound["erp"])))
    (tmp_path / "bad").write_bytes(b"".join(content_of(deletion(sound["erp"], random.Random(1))[0])))
    unsigned = alter(sound["erp"], (next(at for at, each in enumerate(sound["erp"]) if "checkpoint" in each),
                                    "checkpoint", "signature"))  # fmt: skip
    (tmp_path / "unsigned").write_bytes(b"".join(content_of(unsigned)))
    found = [run(each, folder=tmp_path, flags="-IS") for each in ("good", "bad", "unsigned")]
    assert [each.returncode for each in found] == [0, 1, 1]
    assert [each.stderr for each in found] == ["", "", ""]
    assert "is not signed by the service" in found[2].stdout


@pytest.mark.case("U1")
def test_signatures_are_verified_alike_with_and_without_the_library() -> None:
    chance = random.Random(8032)
    for _ in range(20):
        private, text = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), chance.randbytes(90)
        key, signature = private.public_key().public_bytes_raw(), private.sign(text)
        other = bytearray(signature)
        other[chance.randrange(64)] ^= 1 << chance.randrange(8)
        large = signature[:32] + (int.from_bytes(signature[32:], "little") + program.ORDER).to_bytes(32, "little")
        for each, expected in ((signature, True), (bytes(other), False), (large, False), (signature[:63], False)):
            assert outcome(program._verify_here, key, each, text) is expected
            assert outcome(program._verify_with_library, key, each, text) is expected


def outcome(verify_signature: Callable[..., bool], *values: bytes) -> bool:
    try:
        return verify_signature(*values)
    except ValueError:
        return False


@pytest.mark.case("U2")
@pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b'{"position":1}\n', b"\x00" * 5_000, b"PK\x03\x04"])
def test_a_file_that_is_no_export_is_named_in_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text(Path(program.__file__).read_text())
    (tmp_path / "notes.txt").write_bytes(content)
    found = run("notes.txt", folder=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "Cannot verify notes.txt: This is not a Sihe export.\n"


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"[1]\n{}\n", b"\xff\n\n", b'{"log":1}\n' * 3, b"{" * 5_000 + b"\n\n"]
)
def test_an_invalid_export_has_faults_and_no_sound_log(content: bytes) -> None:
    verifier = verify(content.splitlines(keepends=True))
    assert verifier.faults
    assert verifier.sound == []
