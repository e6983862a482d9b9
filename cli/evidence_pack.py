"""Evidence pack: a sample of records with their documents, traces and the signed logs, in one ZIP file.

`cli.verify` verifies it; it shares no code with this module.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cli import verify
from cli.client import Client
from cli.evidence import Evidence, EvidenceReader
from cli.export import Document, export_documents, write
from cli.sampling import Sample
from shared import codec
from shared.sheets.writing import write_sheet

FORMAT_VERSION = 1
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the pack: equal content makes equal bytes."""


def write_pack(client: Client, sample: Sample, path: Path) -> None:
    """Write a pack next to the file and give it the name when it is complete. Raises RequestFailed, OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file, ZipFile(file, "w", ZIP_DEFLATED) as pack:
            _Pack(pack).write(client, sample)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class _Pack:
    """The files of one pack, and their digests for the manifest."""

    def __init__(self, pack: ZipFile) -> None:
        self._pack = pack
        self._digests: dict[str, str] = {}

    def write(self, client: Client, sample: Sample) -> None:
        reader = EvidenceReader(client)
        found = [reader.read(sample.address, each) for each in sample.chosen]
        self._add("selection.json", codec.encode(sample.description()))
        self._add("README.txt", _readable(sample).encode())
        self._add("population.csv", write_sheet("csv", [("id", "sha256"), *sample.population.items()]))
        self._add("records.csv", write_sheet("csv", _table([each.record for each in found])))
        for place, evidence in enumerate(found, 1):
            self._add_record(_folder(place), evidence)
        self._add_logs(client, found)
        manifest = {"sihe": "evidence pack", "format": FORMAT_VERSION, "files": dict(sorted(self._digests.items()))}
        self._pack.writestr(_file("manifest.json"), codec.encode(manifest))

    def _add_record(self, folder: str, evidence: Evidence) -> None:
        self._add(f"{folder}/record.json", codec.encode(evidence.record))
        self._add(f"{folder}/trace.txt", "\n".join(evidence.trace).encode())
        for address, document in evidence.documents.items():
            self._add(f"{folder}/documents/{address}.json", codec.encode(document))

    def _add_logs(self, client: Client, found: Sequence[Evidence]) -> None:
        """Add the export of all logs with the verifier, and the lines of it that are about each record."""
        picked = _Picked(found)
        with self._pack.open(_file("export.jsonl"), "w", force_zip64=True) as file:
            digest = _DigestingFile(file)
            write(picked.read(export_documents(client)), digest)  # type: ignore[arg-type]  # it only writes
        self._digests["export.jsonl"] = digest.hexdigest()
        for name, lines in sorted(picked.lines.items()):
            self._add(name, b"".join(lines))
        self._add("verify.py", Path(verify.__file__).read_bytes())

    def _add(self, name: str, content: bytes) -> None:
        self._pack.writestr(_file(name), content)
        self._digests[name] = sha256(content).hexdigest()


class _Picked:
    """The lines of an export that are events of the chosen records, by the file that they go to."""

    def __init__(self, found: Sequence[Evidence]) -> None:
        self._wanted: dict[tuple[str, int], dict[str, None]] = {}
        self.lines: dict[str, list[bytes]] = {}
        for place, evidence in enumerate(found, 1):
            for service, event in ((name, each) for name, part in evidence.events.items() for each in part):
                name = f"{_folder(place)}/events/{service}.jsonl"
                self._wanted.setdefault((service, event["position"]), {})[name] = None

    def read(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield all documents of an export and keep the lines that are wanted."""
        service = ""
        for each in documents:
            service = each.get("log", service)
            for name in self._wanted.get((service, each.get("position", 0)), ()):
                self.lines.setdefault(name, []).append(codec.encode(each) + b"\n")
            yield each


class _DigestingFile:
    """A file that is only written, with the digest of its content."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, sha256()

    def write(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _folder(place: int) -> str:
    return f"records/{place:04}"


def _file(name: str) -> ZipInfo:
    info = ZipInfo(name, FIRST_DATE)
    info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
    return info


def _readable(sample: Sample) -> str:
    """Return how the records were chosen and how to check it, for people."""
    filters = ", ".join(f"{name}={value}" for name, value in sorted(sample.filters.items())) or "none"
    first = sample.chosen[0]
    return f"""Evidence pack / 审计证据包

Population / 总体: {sample.name}, filter {filters}: {len(sample.population):,} records (population.csv)
Sample / 样本: {len(sample.chosen):,} records, seed {sample.seed} (selection.json, records.csv)

Rule: SHA-256 of the seed directly followed by the id; the records with the smallest values are chosen.
规则：对“种子紧接记录编号”计算 SHA-256，取值最小的记录入选。
By hand / 手工复核: printf '%s%s' '{sample.seed}' '{first}' | sha256sum
  -> {sample.population[first]}

records/NNNN: the chosen records in this order: record.json, documents (orders, shipments, receipts, invoices, payments,
journal entries), trace.txt (causes and effects in all services), events (its lines of export.jsonl).
records/NNNN：按此顺序的入选记录及其单据、因果追踪与事件。
Verify / 验证: python verify.py PACK.zip (Python 3.11, no library / 无需其他库)
"""


def _table(records: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    """Yield a header and a row for each record; an amount has a column of its currency, and lists are JSON."""
    rows = [dict(chain.from_iterable(_cells(name, value) for name, value in each.items())) for each in records]
    header = list(dict.fromkeys(name for row in rows for name in row))
    yield header
    yield from ([row.get(name, "") for name in header] for row in rows)


def _cells(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict) and set(value) == {"amount", "currency"}:
        return [(name, value["amount"]), (f"{name}_currency", value["currency"])]
    if value is None or isinstance(value, str):
        return [(name, value or "")]
    return [(name, codec.encode(value).decode())]
